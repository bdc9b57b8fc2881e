// What every client does: asks for a shop, starts a sync, and follows it to its end.
// Usage: node journey.mjs <file of a client> <url of /graphql> <bearer token> <shop>
// A client exports open(url, token), which returns { query, mutate, subscribe, close }; query and
// mutate resolve to the data, subscribe to the data of all events once the stream is complete.
import { stdout } from "node:process";

const SHOP = "query Shop($shop: ShopDomain) { shop(domain: $shop) { name domain } }";
const START = `mutation Start($shop: ShopDomain) {
  startSync(input: { shop: $shop }) { run { id } userErrors { code } } }`;
const PROGRESS = `subscription Progress($run: ID) {
  syncProgress(runId: $run) { stage processed run { id state } } }`;

const [file, url, token, shop] = process.argv.slice(2);
const { open } = await import(new URL(file, import.meta.url));
const client = open(url, token);

const found = await client.query(SHOP, { shop });
const started = await client.mutate(START, { shop });
const run = started.startSync.run.id;
const events = await client.subscribe(PROGRESS, { run });
await client.close?.();

stdout.write(JSON.stringify({ found, started, events }), () => process.exit(0));
