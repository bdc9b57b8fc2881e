// What both ways of urql share: its results as promises.
export const calls = (client) => {
  const data = (result) => {
    if (result.error) throw result.error;
    return result.data;
  };
  return {
    query: async (text, variables) => data(await client.query(text, variables).toPromise()),
    mutate: async (text, variables) => data(await client.mutation(text, variables).toPromise()),
    subscribe: (text, variables) =>
      new Promise((resolve, reject) => {
        const events = [];
        client.subscription(text, variables).subscribe((result) => {
          if (result.error) reject(result.error);
          else if (result.data) events.push(result.data);
          if (result.hasNext === false) resolve(events);
        });
      }),
  };
};
