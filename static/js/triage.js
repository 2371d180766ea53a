/* What the queue gains when scripts run: several messages chosen at once, typing that is kept on the
 * server, a proposed text put into its field. Without it the boxes and buttons do the same.
 *
 *   input[name=chosen]           a box in the list; chosen ones stay chosen when the list comes anew
 *   [data-bulk]                  opens when something is chosen; [data-bulk-words] says how many
 *   [data-choose-next]           chooses the open message and goes on to the next one (Shift+j)
 *   form[data-draft="url"]       what is typed is sent there, soon after typing and at once on leaving
 *   [data-fill="#field"]         puts data-fill-with into the field instead of sending its form
 */
(() => {
  "use strict";

  const DRAFT_AFTER_MS = 700;
  const say = (text) => document.dispatchEvent(new CustomEvent("kp:say", { detail: text }));

  /* Choosing */
  const chosen = new Set();
  let lastClicked = null;
  const boxes = () => [...document.querySelectorAll("input[name=chosen]")];

  function showChosen() {
    const bulk = document.querySelector("[data-bulk]");
    if (!bulk) return;
    const words = bulk.querySelector("[data-bulk-words]");
    words.textContent = chosen.size ? `${words.dataset.bulkWords} (${chosen.size})` : words.dataset.bulkWords;
    bulk.open = chosen.size > 0;
  }

  function choose(box, on) {
    box.checked = on;
    if (on) chosen.add(box.value);
    else chosen.delete(box.value);
  }

  function restoreChosen() {
    const there = boxes();
    const values = new Set(there.map((box) => box.value));
    for (const value of [...chosen]) if (!values.has(value)) chosen.delete(value);
    for (const box of there) box.checked = chosen.has(box.value);
    showChosen();
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=chosen]");
    if (!box) return;
    const all = boxes();
    const from = all.findIndex((each) => each.value === lastClicked);
    const to = all.indexOf(box);
    if (event.shiftKey && from >= 0) {
      for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1)) choose(each, box.checked);
    } else {
      choose(box, box.checked);
    }
    lastClicked = box.value;
    showChosen();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-choose-next]")) return;
    const box = document.querySelector("[data-row-item][data-selected] input[name=chosen]");
    if (box) {
      choose(box, true);
      lastClicked = box.value;
      showChosen();
    }
    const next = document.querySelector('a[data-key="j"]');
    if (!next) return;
    if (window.htmx) window.htmx.process(next);  // as keys.js does
    next.click();
  });

  /* Drafts */
  let waiting = null;
  let timer = 0;

  // One after the other: what was typed earlier must not arrive last and stand.
  let before = Promise.resolve();

  function save() {
    clearTimeout(timer);
    const form = waiting;
    waiting = null;
    if (!form) return;
    const typed = new URLSearchParams(new FormData(form));
    before = before.then(() => send(form, typed));
  }

  async function send(form, typed) {
    let kept = false;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: typed,
        headers: { "X-Draft": "yes" },
        redirect: "manual",
        keepalive: true,
      });
      // 409: it is settled, and there is nothing to keep any more.
      kept = answer.status === 204 || answer.status === 409;
    } catch {
      kept = false;
    }
    const state = form.querySelector("[data-draft-state]");
    if (!state) return;
    const words = kept ? state.dataset.kept : state.dataset.notKept;
    if (!kept && state.textContent !== words) say(words);
    state.textContent = words;
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    waiting = form;
    clearTimeout(timer);
    timer = setTimeout(save, DRAFT_AFTER_MS);
  });
  document.addEventListener("focusout", (event) => {
    if (waiting && event.target.closest("form[data-draft]")) save();
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.closest("form[data-draft]")) return;
    // What is sent now is no draft any more; a refusal keeps it on the server.
    clearTimeout(timer);
    waiting = null;
  });
  document.addEventListener("htmx:beforeSwap", () => { save(); });
  // The page goes: nothing that is put off would still be sent.
  window.addEventListener("pagehide", () => {
    if (waiting) send(waiting, new URLSearchParams(new FormData(waiting)));
  });

  /* Filling in */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    const field = button && document.querySelector(button.dataset.fill);
    if (!field) return;
    event.preventDefault();
    field.value = button.dataset.fillWith;
    const next = document.querySelector(button.dataset.keyFocus);
    if (next) next.focus();
    for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
  });

  document.addEventListener("htmx:afterSettle", restoreChosen);
  // A page that comes back from the browser's memory has its boxes ticked as they were.
  for (const box of boxes()) if (box.checked) chosen.add(box.value);
  showChosen();
})();
