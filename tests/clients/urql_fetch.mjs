// @urql/core over fetch alone, subscriptions too.
import { Client, fetchExchange } from "@urql/core";
import { calls } from "./urql_exchange.mjs";

export const open = (url, token) =>
  calls(
    new Client({
      url,
      exchanges: [fetchExchange],
      fetchSubscriptions: true,
      preferGetMethod: false,
      fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
