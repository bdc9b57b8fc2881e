// Runs every audit of graphql-http against a running server and prints what each found, as JSON.
// Usage: node audits.mjs <url of /graphql> <bearer token>
import { serverAudits } from "graphql-http";

const [url, token] = process.argv.slice(2);

const authorized = (address, init = {}) => {
  const headers = new Headers(init.headers);
  headers.set("authorization", `Bearer ${token}`);
  return fetch(address, { ...init, headers });
};

const found = [];
for (const audit of serverAudits({ url, fetchFn: authorized })) {
  const { id, name, status, reason } = await audit.fn();
  found.push({ id, name, status, reason: reason ?? null });
}
console.log(JSON.stringify(found));
