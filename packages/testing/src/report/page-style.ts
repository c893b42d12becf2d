/** The look of the page, and the colours of the picture in both schemes. */
export const PAGE_STYLE: string = `
:root {
  color-scheme: light dark;
  --background: #ffffff; --raised: #f4f5f7; --border: #c9ced6; --text: #1b1f26; --faint: #59616e; --grid: #e3e6eb; --line: #9aa3b0;
  --message: #5b6f8c; --copy: #8250c4; --lost: #c2410c; --down: #6b7280; --paused: #a16207;
  --partition: #d97706; --cut: #db2777; --disturbance: #4b79a8; --fault: #b45309; --note: #4b79a8;
  --ok: #0f766e; --ok-text: #ffffff; --fail: #6b7280; --unknown: #a16207;
  --impossible: #c8102e; --impossible-text: #ffffff; --select: #1d4ed8; --role-1: #1d4ed8; --role-2: #7c3aed; --role-3: #0e7490;
}
@media (prefers-color-scheme: dark) {
  :root {
    --background: #14171c; --raised: #20252c; --border: #414956; --text: #e8eaee; --faint: #a3acb9; --grid: #2a3038; --line: #6d7786;
    --message: #8ea6c8; --copy: #c4a1f2; --lost: #fb923c; --down: #9aa3b0; --paused: #eab308;
    --partition: #f59e0b; --cut: #f472b6; --disturbance: #7fb0e0; --fault: #fbbf24; --note: #7fb0e0;
    --ok: #2dd4bf; --ok-text: #06201d; --fail: #a3acb9; --unknown: #eab308;
    --impossible: #ff5c72; --impossible-text: #22050a; --select: #93b4ff; --role-1: #7ea6ff; --role-2: #c4a1f2; --role-3: #67d4e8;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--background); color: var(--text); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main { padding: 0 16px; }
header { padding-top: 12px; }
h1 { font-size: 18px; margin: 0; display: inline-block; margin-right: 12px; overflow-wrap: anywhere; }
h2 { font-size: 14px; margin: 0 0 6px; }
h3 { font-size: 13px; margin: 10px 0 4px; }
p { margin: 4px 0; overflow-wrap: anywhere; }
.subtitle { display: inline-block; color: var(--faint); margin-right: 12px; }
.verdict { border-left: 4px solid var(--impossible); padding: 4px 10px; background: var(--raised); }
.verdict span { white-space: pre-line; overflow-wrap: anywhere; }
.verdict summary { cursor: pointer; color: var(--faint); }
.verdict pre { margin: 4px 0; max-height: 300px; overflow: auto; font-size: 12px; }
.verdict strong { color: var(--impossible); margin-right: 6px; }
.repro code { background: var(--raised); border: 1px solid var(--border); border-radius: 4px; padding: 3px 8px; overflow-wrap: anywhere; }
button { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--border); border-radius: 4px; padding: 2px 9px; cursor: pointer; }
button:hover { border-color: var(--select); }
:focus-visible { outline: 2px solid var(--select); outline-offset: 1px; }
.toolbar { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin: 10px 0 8px; }
#range { color: var(--faint); margin-left: auto; font-variant-numeric: tabular-nums; }
canvas { display: block; width: 100%; }
#map { border: 1px solid var(--border); border-radius: 4px; cursor: ew-resize; touch-action: none; margin-bottom: 8px; }
.stage { position: relative; }
#picture { cursor: grab; touch-action: pan-y; border: 1px solid var(--border); border-radius: 4px; }
#details { position: absolute; max-width: 420px; pointer-events: none; background: var(--raised); border: 1px solid var(--border);
  border-radius: 4px; padding: 6px 10px; box-shadow: 0 2px 10px rgb(0 0 0 / 25%); font-size: 13px; overflow-wrap: anywhere; z-index: 1; }
#details[hidden] { display: none; }
#details dl { display: grid; grid-template-columns: auto 1fr; gap: 0 10px; margin: 2px 0 0; }
#details dt { color: var(--faint); }
#details dd { margin: 0; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0 14px; padding: 0; color: var(--faint); font-size: 13px; }
.legend svg { vertical-align: -2px; overflow: visible; }
.legend input { margin: 0; vertical-align: -1px; accent-color: var(--select); }
.legend svg * { fill: none; stroke-width: 1.3; }
.legend .message { stroke: var(--message); } .legend .message-head { fill: var(--message); }
.legend .copy { stroke: var(--copy); } .legend .copy-head { fill: var(--copy); }
.legend .lost { stroke: var(--lost); stroke-width: 1.8; } .legend .role { fill: var(--role-1); }
.legend .down { stroke: var(--down); } .legend .paused { stroke: var(--paused); }
.legend .partition { stroke: var(--partition); fill: var(--partition); fill-opacity: .2; }
.legend .fault { fill: var(--fault); } .legend .note { fill: var(--note); } .legend .ok { fill: var(--ok); } .legend .fail { stroke: var(--fail); }
.legend .unknown { stroke: var(--unknown); } .legend .impossible { fill: var(--impossible); }
.legend .plate { stroke: var(--faint); } .legend text { fill: var(--text); font-size: 10px; text-anchor: middle; }
.lists { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 12px 32px; padding-bottom: 24px; }
.lists ol { margin: 0; padding-left: 40px; max-height: 420px; overflow-y: auto; }
.lists ol.plain { list-style: none; padding-left: 0; }
.lists li button { border: none; background: none; padding: 1px 4px; text-align: left; overflow-wrap: anywhere; }
.lists .plain button { display: flex; }
.lists li button:hover { background: var(--raised); }
.lists .time { flex: none; min-width: 84px; color: var(--faint); text-align: right; margin-right: 8px; font-variant-numeric: tabular-nums; }
.lists .impossible { list-style: none; color: var(--impossible); font-weight: 600; }
kbd { font: inherit; border: 1px solid var(--border); border-radius: 3px; padding: 0 4px; background: var(--raised); }
`
