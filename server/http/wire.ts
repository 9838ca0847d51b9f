import type { Duplex } from "node:stream"
import type { WebSocket } from "ws"

/** A final frame of bytes, and how a length of more than a few bytes is told. Source: RFC 6455, 5.2. */
const finalBytes = 0x82
const mostInOne = 125
const lengthInTwo = 126
const mostInTwo = 0xffff

const wires = new WeakMap<Uint8Array, Uint8Array>()

/** A message as it goes over the line to a browser, with its head: made once for all who get it. */
function wireOf(message: Uint8Array): Uint8Array {
  let wire = wires.get(message)
  if (!wire) wires.set(message, (wire = Buffer.concat([headOf(message.length), message])))
  return wire
}

const headOf = (length: number): Buffer =>
  length <= mostInOne ? Buffer.of(finalBytes, length) : Buffer.of(finalBytes, lengthInTwo, length >>> 8, length & 0xff)

/**
 * Sends a message over the line of a websocket that is open and compresses nothing: then `ws` holds nothing back, and all stays in order. Where hundreds
 * hear of each letter the server does little else than send, and a head for each of them is an eighth of that. What was sent is not changed any more.
 */
export function sendOver(ws: WebSocket, socket: Duplex, message: Uint8Array): void {
  // A long one is mostly a state, made for one person: it is not copied once more.
  if (message.length <= mostInTwo) socket.write(wireOf(message))
  else ws.send(message)
}
