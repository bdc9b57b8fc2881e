// What all ways of @apollo/client share: its results as promises.
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";

export const calls = (link) => {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return {
    query: async (text, variables) => (await client.query({ query: gql(text), variables })).data,
    mutate: async (text, variables) =>
      (await client.mutate({ mutation: gql(text), variables })).data,
    subscribe: (text, variables) =>
      new Promise((resolve, reject) => {
        const events = [];
        client.subscribe({ query: gql(text), variables }).subscribe({
          next: ({ data, error }) => (error ? reject(error) : events.push(data)),
          error: reject,
          complete: () => resolve(events),
        });
      }),
    close: () => client.stop(),
  };
};
