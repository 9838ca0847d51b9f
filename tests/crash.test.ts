import { expect, it } from "vitest"
import { apiRoot } from "../shared/api/contract.ts"
import { textOf } from "../shared/schema/block.ts"
import { newMark } from "../shared/schema/schema.ts"
import { blocksOf, elementsOf, textOfElement } from "../shared/sync/read.ts"
import { slotAt, writeText } from "../shared/sync/write.ts"
import { Line, newFolder } from "./meeting.ts"
import { kill, type Serving, serve } from "./process.ts"

const rounds = 20

async function signIn({ url, addresses }: Serving, host: string): Promise<string> {
  const token = addresses.find((address) => address.url.includes(`//${host}.`))!.url.split("#")[1]
  const response = await fetch(`${url}${apiRoot}/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  })
  return response.headers.get("set-cookie")!.split(";")[0]!
}

async function join({ url }: Serving, cookie: string): Promise<{ line: Line; client: number }> {
  const response = await fetch(`${url}${apiRoot}/drafts/early-warning/join`, {
    method: "POST",
    headers: { Cookie: cookie, "Content-Type": "application/json" },
    body: "{}",
  })
  const { clientId } = (await response.json()) as { clientId: number }
  const line = await new Line(`${url.replace("http", "ws")}/sync/early-warning?client=${clientId}&v=1`, cookie).ready()
  line.doc.clientID = clientId
  return { line, client: clientId }
}

it(`[STO8 ROOM1] kill -9 in the middle of typing, ${rounds} times: no acknowledged update is lost`, async () => {
  const data = newFolder()
  const figures: string[] = []
  let serving = await serve(["--sample", "--data", data, "--port", "0"])
  let cookie = await signIn(serving, "s")
  for (let round = 0; round < rounds; round++) {
    const { line, client } = await join(serving, cookie)
    let sent = 0
    const type = (word: string): void => {
      const updates: Uint8Array[] = []
      const keep = (update: Uint8Array): void => void updates.push(update)
      line.doc.on("update", keep)
      line.doc.transact((tr) => {
        const text = textOfElement(elementsOf(line.doc)[4]!)!
        writeText(tr, text, slotAt(tr, text, 3, "S"), word, [newMark("insertion", { id: `S.${client}.${sent + 1}`, source: "S" })])
      })
      line.doc.off("update", keep)
      line.send({ kind: "update", update: updates[0]! })
      sent++
    }
    // Some are let through, then the process dies while more are on their way.
    for (let i = 0; i < 3; i++) type(`<${round}.${sent}>`)
    await line.until(() => line.acknowledged >= 3)
    for (let i = 0; i < 5 + round; i++) {
      type(`<${round}.${sent}>`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    // At another depth of the burst each time.
    await line.until(() => line.acknowledged >= 3 + (round % 4))
    for (let i = 0; i < 40; i++) type(`<${round}.${sent}>`)
    await kill(serving)
    await line.until(() => line.closed !== null)
    const { acknowledged } = line
    expect(acknowledged, "acknowledged > 0").toBeGreaterThan(0)
    expect(sent, "sent > acknowledged").toBeGreaterThan(acknowledged)
    serving = await serve(["--sample", "--data", data, "--port", "0"])
    cookie = await signIn(serving, "s")
    const { line: again } = await join(serving, cookie)
    const text = blocksOf(again.doc).map(textOf).join("\n")
    for (let n = 0; n < acknowledged; n++) expect(text).toContain(`<${round}.${n}>`)
    figures.push(`${acknowledged}/${sent}`)
    again.close()
  }
  console.log(`acknowledged/sent at each kill: ${figures.join(" ")}`)
  expect(await kill(serving, "SIGTERM"), "a server that is asked to end ends cleanly").toBe(0)
}, 300_000)
