"""The HTML of the demo's mailbox. `$name` places take text that is already escaped."""

from string import Template

STYLE = """
:root { color-scheme: light dark; --back: #f4f6f6; --card: #fff; --ink: #16211f; --soft: #5a6b68;
  --line: #dde4e2; --accent: #0f766e; }
@media (prefers-color-scheme: dark) { :root { --back: #101716; --card: #18211f; --ink: #e8efed;
  --soft: #9db0ac; --line: #2a3734; --accent: #5eead4; } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 46rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.25rem; margin: .5rem 0 1rem; overflow-wrap: anywhere }
h1 small { color: var(--soft); font-weight: 400; font-size: .875rem; display: block }
ul { list-style: none; margin: 0; padding: 0 }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden }
li + li { border-top: 1px solid var(--line) }
li a { display: block; padding: .75rem 1rem; color: inherit; text-decoration: none }
li a:hover, li a:focus-visible { background: var(--back) }
li b { display: block; overflow-wrap: anywhere }
li span, dl, p { color: var(--soft); font-size: .875rem }
li time { float: right; margin-left: 1rem; color: var(--soft); font-size: .875rem }
p { padding: 2rem 1rem; text-align: center }
dl { display: grid; grid-template-columns: auto 1fr; gap: .125rem .75rem; margin: 0 0 1rem }
dd { margin: 0; color: var(--ink); overflow-wrap: anywhere }
iframe { display: block; width: 100%; height: 70vh; border: 0; background: #fff }
details { margin-top: 1rem }
summary { padding: .75rem 1rem; cursor: pointer; color: var(--soft) }
pre { margin: 0; padding: 0 1rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .875rem }
a { color: var(--accent) }
.file { display: inline-block; margin: 1rem .5rem 0 0; padding: .375rem .75rem; border: 1px solid var(--line);
  border-radius: 2rem; font-size: .875rem }
"""

HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
)

LIST = Template(
    HEAD + '<meta http-equiv="refresh" content="5"><title>Demo mailbox</title><style>$style</style></head>'
    "<body><main><h1>Demo mailbox <small>What Innkeep mails to guests and to the hotel. Nothing leaves this "
    'machine.</small></h1><ul class="card">$rows</ul></main></body></html>'
)
EMPTY = "<li><p>No mail yet. This page looks again every five seconds.</p></li>"
ROW = Template('<li><a href="/mail/$name"><time>$when</time><b>$subject</b><span>to $to</span></a></li>')
MESSAGE = Template(
    HEAD + "<title>$subject</title><style>$style</style></head><body><main>"
    '<a href="/">← All mails</a><h1>$subject</h1>'
    "<dl><dt>From</dt><dd>$sender</dd><dt>To</dt><dd>$to</dd><dt>Sent</dt><dd>$when</dd></dl>"
    "$html$plain$attachments</main></body></html>"
)
# The mail is another's text: it gets no script and no origin, only links that open a tab of their own.
HTML_PART = Template(
    '<div class="card"><iframe title="The mail as the guest sees it" srcdoc="$document" '
    'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe></div>'
)
NEW_TAB = '<base target="_blank">'
TEXT_PART = Template('<details class="card" $open><summary>As plain text</summary><pre>$text</pre></details>')
