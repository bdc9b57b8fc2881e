// @apollo/client with everything over graphql-ws.
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { calls } from "./apollo_client.mjs";

export const open = (url, token) => {
  const socket = createClient({
    url: url.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${token}` },
  });
  return { ...calls(new GraphQLWsLink(socket)), close: () => socket.dispose() };
};
