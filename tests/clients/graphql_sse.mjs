// graphql-sse: every operation as server-sent events, each on a connection of its own.
import { createClient } from "graphql-sse";

export const open = (url, token) => {
  const client = createClient({
    url,
    singleConnection: false,
    retryAttempts: 0,
    headers: { Authorization: `Bearer ${token}` },
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
