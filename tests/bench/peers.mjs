// The servers that are measured beside ours, each in a process of its own: `node peers.mjs yws|relay`.
import { createServer } from "node:http"
import { createRequire } from "node:module"
import { WebSocketServer } from "ws"

const require = createRequire(import.meta.url)
const kind = process.argv[2]
const server = createServer((_request, response) => response.end(JSON.stringify(process.cpuUsage())))
const wss = new WebSocketServer({ server })
if (kind === "yws") {
  const { setupWSConnection } = require("y-websocket-server/bin/utils")
  wss.on("connection", (socket, request) => setupWSConnection(socket, request))
} else {
  // A relay knows nothing: it sends each frame to everybody, the sender too.
  wss.on("connection", (socket) =>
    socket.on("message", (data) => {
      for (const other of wss.clients) if (other.readyState === 1) other.send(data)
    }),
  )
}
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })))
