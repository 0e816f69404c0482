// Compares our badges with those that Shields' own library draws: every box and every text.
// usage: badges.mjs URL SLUG WORD COLOUR, where the site at SLUG shows WORD in COLOUR.
import { createRequire } from "node:module";

const require = createRequire(process.env.FRIENDS + "/");
const { makeBadge } = require("badge-maker");
const [url, slug, message, color] = process.argv.slice(2);

// Boxes and texts with what says where they are and how they look.
function parts(svg) {
  const found = [];
  for (const [, name, rest, text] of svg.matchAll(/<(rect|text|stop)\b([^>]*?)\/?>([^<]*)/g)) {
    if (/id="?rlink|fill="rgba/.test(rest) && name === "rect") continue;
    const attributes = {};
    for (const [, key, value] of rest.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      if (key !== "id") attributes[key] = value;
    }
    found.push([name, Object.entries(attributes).sort(), text.trim()]);
  }
  return found;
}

const labels = ["build", "up", "Is it up?", "WWWWWWWW", "iiiiii", "a & b <c>", "Zürich", "x", "été à Łódź"];
const styles = ["flat", "flat-square", "for-the-badge"];
let wrong = 0;
for (const style of styles) {
  for (const label of labels) {
    const ask = new URLSearchParams({ style, label });
    const answer = await fetch(`${url}/badge/${slug}.svg?${ask}`);
    const ours = await answer.text();
    const theirs = makeBadge({ label, message, color, style });
    const [a, b] = [ours, theirs].map((svg) => JSON.stringify(parts(svg)));
    const size = (svg) => svg.match(/<svg [^>]*width="([\d.]+)" height="(\d+)"/).slice(1).join("x");
    if (a !== b || size(ours) !== size(theirs)) {
      wrong += 1;
      console.error(`${style} ${label}\n ours:   ${size(ours)} ${a}\n theirs: ${size(theirs)} ${b}`);
    }
  }
}
if (wrong > 0) process.exit(1);
console.log(`${styles.length * labels.length} badges are as Shields draws them`);
