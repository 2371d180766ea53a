from registry.rules.paper import Block, blocks

SHEET = """<!doctype html>
<html lang="nb">
<head><meta charset="utf-8"><title>Svar – 2026/1</title></head>
<body>
<div>NN kommune<br>Postboks 1,
  0001 NN</div>
<p>2. mars 2026</p>
<h2>Svar &lt;b&gt; &amp; mer</h2>
<p>Første linje<br>andre &lt;script&gt;</p>
</body>
</html>
"""


def test_a_sheet_is_read_back_as_the_text_that_stands_on_it() -> None:
    assert blocks(SHEET) == (
        Block("div", "NN kommune\nPostboks 1,   0001 NN"),
        Block("p", "2. mars 2026"),
        Block("h2", "Svar <b> & mer"),
        Block("p", "Første linje\nandre <script>"),
    )
