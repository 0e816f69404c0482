// Reads us with the client `statuspage.io`. usage: statuspage.mjs URL SLUG-OF-A-SITE-THAT-IS-DOWN
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(process.env.FRIENDS + "/");
const { Statuspage } = require("statuspage.io");
const [url, slug] = process.argv.slice(2);

for (const base of [url, `${url}/sites/${slug}`]) {
  const client = new Statuspage("stillup");
  client.setApiUrl(base);
  const { page, status, components, incidents } = await client.api.getSummary();
  assert.ok(page.id && page.name && new URL(page.url) && Date.parse(page.updated_at));
  assert.ok(["minor", "major", "critical"].includes(status.indicator), status.indicator);
  assert.deepEqual((await client.api.getStatus()).status, status);
  assert.deepEqual((await client.api.getComponents()).components.length, components.length);
  assert.ok(components.some((component) => component.status === "major_outage"));
  const all = (await client.api.incidents.getAll()).incidents;
  const open = (await client.api.incidents.getUnresolved()).incidents;
  assert.deepEqual(open.map(({ id }) => id), incidents.map(({ id }) => id));
  assert.ok(open.length > 0 && open.every(({ id }) => all.some((one) => one.id === id)));
  assert.ok(open.every((one) => one.status === "investigating" && one.incident_updates.length));
  for (const ask of ["getActive", "getAll", "getUpcoming"]) {
    const answer = await client.api.scheduledMaintenances[ask]();
    assert.deepEqual(answer.scheduled_maintenances, []);
  }
}
console.log("statuspage.io reads us without complaint");
