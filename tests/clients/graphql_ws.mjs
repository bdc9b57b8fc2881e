// graphql-ws: every operation over one WebSocket, the credential in connection_init.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

export const open = (url, token) => {
  const client = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${token}` },
  });
  const collect = async (query, variables) => {
    const events = [];
    for await (const { data, errors } of client.iterate({ query, variables })) {
      if (errors) throw new Error(JSON.stringify(errors));
      events.push(data);
    }
    return events;
  };
  const one = async (query, variables) => (await collect(query, variables))[0];
  return { query: one, mutate: one, subscribe: collect, close: () => client.dispose() };
};
