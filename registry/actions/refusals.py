"""The registry's refusals: each code with the sentence for the person who asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lib.refusal import Refused

_SENTENCES = {
    "no_municipality": _("The municipality has not been set up yet."),
    "no_such_case": _("There is no such case."),
    "no_such_entry": _("There is no such registry entry."),
    "no_such_series": _("There is no such series of numbers, or it is not in use."),
    "bad_pattern": _("The series has a pattern that numbers cannot be written by."),
    "no_such_document_type": _("There is no such document type, or it is not in use."),
    "case_not_open": _("The case is not open. Open it again first."),
    "not_open": _("The case is closed or void already."),
    "already_registered": _("This message is registered in the case already."),
    "reference_taken": _(
        "The number is taken by a case of another series. The patterns of the series must differ."
    ),
    "title_missing": _("A title is missing."),
    "title_too_long": _("A title may have 400 characters at most."),
    "identity_number_in_public_title": _("The public title holds an identity number."),
    "legal_basis_missing": _("Exemption from public access needs a legal basis."),
    "already_void": _("It is void already, and void is final."),
    "on_hold": _("A hold stands on the case."),
    "already_sent": _("The letter has left. Correct it by a new letter."),
    "entries_not_void": _("A case can be void only when all its entries are."),
    "reason_missing": _("Say why."),
    "reason_too_long": _("The reason is too long."),
    "no_such_reason": _("Choose a reason from the list."),
    "nothing_changed": _("Nothing was changed."),
    "changed_meanwhile": _("Somebody has changed this in the meantime. Look at it again."),
    "too_late": _("It is too late to undo: correct the entry, or make it void, instead."),
    "not_yours_to_undo": _("There is nothing here that you have just done."),
    "another_message": _("The entry is not that of this message."),
    "not_incoming": _("Only incoming entries are signed off."),
    "is_a_copy": _("It is dealt with in the case where it was registered first."),
    "already_signed_off": _("The entry has been signed off already."),
    "answer_elsewhere": _("The answer must be an outgoing entry of the same case."),
    "already_restricted": _("The case is restricted already."),
    "not_restricted": _("The case is not restricted."),
    "nobody_left": _(
        "Nobody who can work on the case would be left. Name a reader or a caseworker first."
    ),
    "no_such_reader": _("This person has no role that reads cases, or may not sign in."),
    "already_named": _("This person is named already."),
    "not_named": _("This person is not named."),
    "view_name_missing": _("Give the view a name."),
    "too_many_views": _("You have twelve views already. Forget one first."),
    "not_signed_off": _("The entry has not been signed off."),
    "no_such_answer": _("There is no such draft."),
    "not_a_draft": _("It is no draft any more: it waits for approval, or has been sent."),
    "not_laid_before": _("It does not wait for approval."),
    "not_sent": _("It has not been sent."),
    "answered_meanwhile": _(
        "Somebody has signed the entry off in the meantime. Read what was answered, then send yours"
        " if it is still needed."
    ),
    "sent_just_now": _("The same letter was sent a moment ago."),
    "no_recipient": _("Choose who gets the letter."),
    "text_missing": _("There is no text."),
    "slots_left": _("The text still has slots to be filled in."),
    "heading_missing": _("A subject is missing."),
    "heading_too_long": _("A subject may have 120 characters at most."),
    "heading_copied": _(
        "The subject repeats a title or a subject that not everyone may read. Write another one."
    ),
    "heading_names_somebody": _("The subject names a person. Leave the name out."),
    "heading_sensitive": _("The subject holds something sensitive. Write it in other words."),
    "promise_missing": _("Choose the date by which the answer is promised."),
    "promise_out_of_reach": _("The promised date must lie after today and within a year."),
    "may_not_leave": _("This may not be sent by e-mail. Send it by letter post."),
    "approval_needed": _("A second person must approve this answer. Ask for approval."),
    "own_answer": _("Nobody approves what they wrote themselves."),
    "no_files_left": _("A letter may have no more attachments."),
    "files_too_large": _("The attachments are too large together for e-mail."),
    "empty_file": _("The file is empty."),
    "same_file": _("The file is attached already."),
    "not_in_store": _("The document could not be taken out of the store. Tell IT support."),
    "store_unavailable": _("The file could not be stored. Try again shortly."),
    "comment_missing": _("Write something first."),
    "comment_too_long": _("A comment may have 4,000 characters at most."),
    "not_a_reader": _("Only people who may read the case can be mentioned."),
    "text_of_no_use": _("The ready-made text has double parentheses that are no slot."),
    "already_released": _("The hold has been released already."),
    "access_request_not_asked": _(
        "An access request may be anonymous: nothing is asked of whoever makes it."
    ),
    "only_incoming_asked": _("Only the sender of an incoming entry can be asked."),
    "already_waiting": _("An answer is being waited for already."),
    "signed_off_not_asked": _("The entry has been signed off: nothing is missing any more."),
    "nothing_missing": _("Say what is missing."),
    "too_much_missing": _("Twelve points of 200 characters each are the most."),
    "sensitive_points": _(
        "The letter travels unprotected, and something sensitive seems to stand in it."
    ),
    "linked_already": _("The document lies in this case already."),
    "cannot_be_asked": _("The sender cannot be written to by e-mail."),
    "not_waiting": _("Nothing is waited for."),
    "open_deadlines": _("Deadlines are still running."),
    "unanswered_entries": _("Incoming entries have not been signed off."),
    "not_unchecked": _("It does not wait for quality control."),
    "unassessed_entry": _("Access has not been assessed."),
    "public_title_missing": _("It has no public title."),
    "party_missing": _("It names nobody that it came from or went to."),
    "undecided_internal": _("Internal notes have not been decided on."),
    "unassessed_entries": _("Access has not been assessed for all entries."),
}


def refusal(code: str) -> Refused:
    """The refusal with this code, ready to raise. KeyError for a code without a sentence."""
    return Refused(str(code), _SENTENCES[str(code)])


def sentence(code: str) -> object:
    """The sentence of a code, translated when it is shown."""
    return _SENTENCES[str(code)]
