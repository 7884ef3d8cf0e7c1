"""The one style sheet: phone first, light and dark, system fonts. Contrast of text is at least 4.5 to 1."""

STYLE = """
:root { --ground: #f6f7f9; --panel: #fff; --ink: #1a2233; --quiet: #566074; --line: #d5dae3; --accent:
  #4f46d8;
  --on-accent: #fff; --bad: #a8201a; --bad-ground: #fdecea; --good: #146c43; --mode: #8a4b00;
  --mode-ground: #ffe8c7; }
@media (prefers-color-scheme: dark) { :root { --ground: #10141c; --panel: #1a2030; --ink: #eef1f7; --quiet:
  #a9b3c6;
  --line: #343d52; --accent: #a5a0ff; --on-accent: #10141c; --bad: #ffb4ab; --bad-ground: #451613; --good:
  #7ddba7;
  --mode: #ffd599; --mode-ground: #4a3000; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
.bar { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; padding: .75rem 1rem;
  background: var(--panel); border-bottom: 1px solid var(--line); }
.mode { background: var(--mode-ground); color: var(--mode); border-radius: 1rem; padding: 0 .6rem;
  font-weight: 600;
  font-size: .85rem; }
.hint, .quiet { color: var(--quiet); font-size: .9rem; }
main { margin: 0 auto; padding: 1.25rem 1rem 3rem; }
main.narrow { max-width: 30rem; }
main.wide { max-width: 76rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .5rem 0; }
h2 { font-size: 1.15rem; margin: 0 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: .75rem; padding: 1.1rem;
  margin: 1.25rem 0; }
ul { list-style: none; margin: 0; padding: 0; }
.lines li, .choices a { display: flex; justify-content: space-between; gap: .1rem 1rem; flex-wrap: wrap; }
.lines li { padding: .4rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.choices a { padding: .65rem .75rem; min-height: 44px; border: 1px solid var(--line); border-radius: .5rem;
  margin-bottom: .4rem; color: var(--ink); text-decoration: none; align-items: center; }
.choices a[aria-current] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
label, .label { display: block; font-weight: 600; font-size: .9rem; margin-bottom: .25rem; }
input, .fixed { display: block; width: 100%; padding: .7rem; font: inherit; border: 1px solid var(--quiet);
  border-radius: .5rem; background: var(--panel); color: var(--ink); font-variant-numeric: tabular-nums; }
.fixed { border-color: var(--line); color: var(--quiet); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; margin: .75rem 0; }
button, .button { display: inline-flex; align-items: center; justify-content: center; min-height: 44px;
  padding: .5rem 1rem; font: inherit; color: var(--ink); background: var(--panel); border: 1px solid
  var(--quiet);
  border-radius: .5rem; cursor: pointer; text-decoration: none; }
button.primary, .button.primary { background: var(--accent); border-color: var(--accent); color:
  var(--on-accent);
  font-weight: 600; }
.card button.primary { width: 100%; }
details { margin-top: .75rem; }
summary { padding: .65rem 0; min-height: 44px; cursor: pointer; }
.stack { display: grid; gap: .75rem; }
.out { display: flex; flex-wrap: wrap; gap: .75rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.problem { background: var(--bad-ground); color: var(--bad); border-radius: .5rem; padding: .7rem; margin:
  0 0 .9rem; }
.scroll { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: .75rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.sum, th.sum { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); }
code { font-size: .88em; overflow-wrap: anywhere; }
a { color: var(--accent); }
"""
