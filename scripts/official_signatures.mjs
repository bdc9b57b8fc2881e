// Prints signatures made and accepted by Shopify's own library, which the tests compare ours with:
//
//   npm install @shopify/shopify-api && node scripts/official_signatures.mjs \
//     > tests/unit/shopify/official_signatures.json
//
// Run it where node_modules is; nothing of the library becomes part of this repository.
import {pathToFileURL} from 'node:url';

const root = pathToFileURL(`${process.cwd()}/node_modules/@shopify/shopify-api/`);
const load = (path) => import(new URL(path, root));

await load('dist/esm/adapters/node/index.mjs');
const {shopifyApi, ApiVersion, LogSeverity} = await load('dist/esm/lib/index.mjs');
const {createSHA256HMAC} = await load('dist/esm/runtime/crypto/utils.mjs');
const {HashFormat} = await load('dist/esm/runtime/crypto/types.mjs');
const {generateLocalHmac} = await load('dist/esm/lib/utils/hmac-validator.mjs');

const secret = 'hush-hush-0123456789abcdef';
const shopify = shopifyApi({
  apiKey: 'key',
  apiSecretKey: secret,
  apiVersion: ApiVersion.July26,
  isEmbeddedApp: true,
  hostName: 'app.example.com',
  logger: {level: LogSeverity.Error},
});

const bodies = ['{}', '{"id":1}', '{"title":"Größe 🎁","id":9007199254740993}', '[1,\n 2]\n', ' '.repeat(64)];
const webhooks = [];
for (const body of bodies) {
  const hmac = await createSHA256HMAC(secret, body, HashFormat.Base64);
  const headers = {
    'x-shopify-hmac-sha256': hmac,
    'x-shopify-topic': 'orders/create',
    'x-shopify-shop-domain': 'a.myshopify.com',
    'x-shopify-api-version': '2026-07',
    'x-shopify-webhook-id': '1',
  };
  const check = await shopify.webhooks.validate({rawBody: body, rawRequest: {method: 'POST', url: '/', headers}});
  if (!check.valid) throw new Error(JSON.stringify(check));
  webhooks.push({body, hmac});
}

const queries = [];
for (const query of [
  {code: '0907a61c0c8d55e99db179b68161bc00', shop: 'some-shop.myshopify.com', state: '0.6784241404160823', timestamp: '1337178173'},
  {code: 'a1b2c3', host: 'YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUveA', shop: 'x.myshopify.com', state: '9f'.repeat(32), timestamp: '1790000000'},
  {shop: 'x.myshopify.com', timestamp: '2', empty: ''},
]) {
  queries.push({query, hmac: await generateLocalHmac(shopify.config)(query)});
}
console.log(JSON.stringify({made_by: '@shopify/shopify-api 15', secret, webhooks, queries}, null, 2));
