// @apollo/client over HTTP: persisted queries, and subscriptions as multipart.
import { createHash } from "node:crypto";
import { ApolloLink } from "@apollo/client/link";
import { HttpLink } from "@apollo/client/link/http";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { calls } from "./apollo_client.mjs";

export const open = (uri, token) => {
  const http = new HttpLink({ uri, headers: { authorization: `Bearer ${token}` } });
  const persisted = new PersistedQueryLink({
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    useGETForHashedQueries: true,
  });
  return calls(ApolloLink.from([persisted, http]));
};
