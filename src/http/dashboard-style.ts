/** The style sheet of the dashboard page; follows the reader's light or dark scheme. */
export const stylesheet = `
:root { color-scheme: light dark; --line: light-dark(#d8dce2, #3a3f47); --bar: light-dark(#2f6fb5, #6ba6e8); }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
header p { margin: .25rem 0 1.5rem; }
main { display: grid; gap: 2rem; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); }
.wide { grid-column: 1 / -1; overflow-x: auto; }
.wide table { min-width: 50rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top; }
th[scope=row] { font-weight: normal; overflow-wrap: anywhere; }
td { overflow-wrap: anywhere; }
time { white-space: nowrap; }
td.number { font-variant-numeric: tabular-nums; padding-right: 0; text-align: right; }
.empty { opacity: .7; }
svg { border-bottom: 1px solid var(--line); display: block; height: 6rem; width: 100%; }
rect { fill: var(--bar); }
.hit { fill: transparent; }
.axis { display: flex; font-size: .8rem; justify-content: space-between; margin: .25rem 0 0; opacity: .7; }
`;
