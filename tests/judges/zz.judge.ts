import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { cleanText } from "../../server/exchange/compared.ts"
import { publish } from "../../server/exchange/formats.ts"
import { publishableOf } from "../../server/exchange/publishable.ts"
import { readWord } from "../../server/exchange/word/read.ts"
import { random } from "../build.ts"
import { by, p, wordFile } from "../word-file.ts"
import { judge, newFolder } from "./tools.ts"

function file(seed: number) {
  const r = random(seed)
  let n = 0
  const word = () => `${r.pick(["lamp", "mole", "rope", "ship", "bell", "tide", "mast", "keel"])}${String.fromCharCode(97 + (n++ % 26))}${String.fromCharCode(97 + (Math.floor(n / 26) % 26))}`
  const authors = ["Ann", "Bob", "Cy"]
  const dates = ["2026-03-01T10:00:00Z", "2026-03-02T11:00:00Z"]
  const of = () => by(r.pick(authors), r.pick(dates))
  const phrase = () => Array.from({ length: 1 + r.below(3) }, word).join(" ") + r.pick(["", " ", ", "])
  const truth: { text: string; ins: boolean; del: boolean }[] = []
  const noteTruth: { text: string; ins: boolean; del: boolean; called: number }[] = []
  let state = { ins: false, del: false, note: -1 }
  const say = (text: string) => void (state.note >= 0 ? noteTruth.push({ text, ins: state.ins, del: state.del, called: state.note }) : truth.push({ text, ins: state.ins, del: state.del }))
  const under = (extra: object, f: () => string) => { const was = state; state = { ...state, ...extra }; const out = f(); state = was; return out }
  const t0 = (text: string) => (say(text), t(text))
  const d0 = (text: string) => (say(text), d(text))
  const INS = (f: () => string) => under({ ins: true }, f)
  const DEL = (f: () => string) => under({ del: true }, f)
  const calls: boolean[] = []
  const gone: boolean[] = []
  const t = (text: string) => `<w:r>${r.below(4) === 0 ? "<w:rPr><w:b/></w:rPr>" : ""}<w:t xml:space="preserve">${text}</w:t></w:r>`
  const d = (text: string) => `<w:r><w:delText xml:space="preserve">${text}</w:delText></w:r>`
  const notes: string[] = []
  const run = (depth = 0): string => {
    switch (r.below(depth > 1 ? 6 : 14)) {
      case 0: return r.below(3) ? t0(phrase()) : `<w:ins ${of()}>${INS(() => `<w:del ${of()}>${DEL(() => d0(phrase()))}</w:del>${t0(phrase())}`)}</w:ins>`
      case 1: return `<w:ins ${of()}>${INS(() => t0(phrase()) + (r.below(2) ? t0(phrase()) : ""))}</w:ins>`
      case 2: return `<w:del ${of()}>${DEL(() => d0(phrase()))}</w:del>`
      case 3: return t0(phrase())
      case 4: return r.below(2) ? "<w:proofErr w:type=\"spellStart\"/>" : `<w:bookmarkStart w:id="${n}" w:name="b${n}"/><w:bookmarkEnd w:id="${n}"/>`
      case 5: return t0(phrase()) 
      case 6: return `<w:hyperlink w:anchor="x">${run(depth + 1)}${run(depth + 1)}</w:hyperlink>`
      case 7: return `<w:sdt><w:sdtPr/><w:sdtContent>${run(depth + 1)}${run(depth + 1)}</w:sdtContent></w:sdt>`
      case 8: return `<w:smartTag w:uri="u" w:element="e">${run(depth + 1)}</w:smartTag>`
      case 9: return `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> REF x </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run(2)}<w:r><w:fldChar w:fldCharType="end"/></w:r>`
      case 10: return `<w:fldSimple w:instr=" REF y ">${t0(phrase())}</w:fldSimple>`
      case 11: {
        if (state.note >= 0) return t0(phrase())
        const isIns = r.below(3) === 0
        const k = calls.push(isIns || state.ins) - 1; gone.push(state.del)
        const body = under({ note: k, ins: false, del: false }, () => p(t0(phrase()) + (r.below(2) ? `<w:ins ${of()}>${INS(() => t0(phrase()))}</w:ins>` : "") + (r.below(2) ? `<w:del ${of()}>${DEL(() => d0(phrase()))}</w:del>` : "")))
        notes.push(`<w:footnote w:id="${k + 2}">${body}</w:footnote>`)
        const ref = `<w:r><w:footnoteReference w:id="${k + 2}"/></w:r>`
        return isIns ? `<w:ins ${of()}>${ref}</w:ins>` : ref
      }
      case 12: return `<w:r><w:tab/></w:r>`
      default: return `<w:r><w:noBreakHyphen/></w:r>`
    }
  }
  const paragraph = (inTable = false): string => {
    const label = !inTable && r.below(5) === 0 ? t(r.pick(["3)\t", "1\t", "1.1\t", "2.\t"])) : ""
    const kind = r.below(6)
    const own = of()
    if (kind === 0 && !inTable) return p(`<w:ins ${own}>${INS(() => t0(phrase()))}</w:ins>`, { mark: `<w:ins ${own}/>` })
    if (kind === 1 && !inTable) return p(`<w:del ${own}>${DEL(() => d0(phrase()))}</w:del>`, { mark: `<w:del ${own}/>` })
    const mark = inTable ? "" : r.below(8) === 0 ? `<w:ins ${of()}/>` : r.below(8) === 0 ? `<w:del ${of()}/>` : ""
    return p(label + Array.from({ length: 1 + r.below(5) }, () => run()).join(""), { mark })
  }
  const table = () => `<w:tbl>${Array.from({ length: 1 + r.below(2) }, () => ((kind) => under(kind === 0 ? { ins: true } : kind === 1 ? { del: true } : {}, () => `<w:tr>${kind < 2 ? `<w:trPr><w:${kind ? "del" : "ins"} ${of()}/></w:trPr>` : ""}${Array.from({ length: 1 + r.below(3) }, () => `<w:tc>${paragraph(true)}</w:tc>`).join("")}</w:tr>`))(r.below(12))).join("")}</w:tbl>`
  const blocks = Array.from({ length: 2 + r.below(6) }, () => (r.below(7) === 0 && !process.env.NOTABLES ? table() : paragraph()))
  blocks.push(p(t0(phrase())))
  const view = (how: string) => truth.filter((x) => (how === "accept" ? !x.del : !x.ins)).map((x) => x.text).join("")
  const viewNotes = (how: string) => noteTruth.filter((x) => (how === "accept" ? !x.del && !gone[x.called] : !x.ins && !calls[x.called])).map((x) => x.text).join("")
  const bytes = wordFile({ body: blocks.join(""), ...(notes.length ? { footnotes: `<w:footnote w:id="0" w:type="separator">${p("")}</w:footnote>${notes.join("")}` } : {}) })
  return { bytes, view, viewNotes }
}
const letters = (text: string) => text.replace(/[^\p{L}]/gu, "").toLowerCase()
const sorted = (t: string) => [...t].sort().join("")
it("random", async () => {
  const folder = newFolder()
  let bad = 0
  const [from, to] = (process.env.SEEDS ?? "1-300").split("-").map(Number)
  for (let seed = from!; seed <= to!; seed++) {
    const { bytes, view: expectedOf, viewNotes } = file(seed)
    const path = join(folder, "x.docx")
    writeFileSync(path, bytes); if (process.env.KEEP) writeFileSync("/tmp/keep.docx", bytes)
    let draft
    try { draft = readWord(bytes, "x") } catch (e) { console.log(seed, "THROWS", (e as Error).stack); bad++; continue }
    for (const [how, view] of [["accept", "proposed"], ["reject", "working"]] as const) {
      const c = cleanText(draft, view)
      const mine = letters([...c.cover, ...c.blocks].map((b: any) => b.text).join(""))
      const minesNotes = letters(c.notes.map((b) => b.text).join(""))
      const [e, en] = [letters(expectedOf(how)), letters(viewNotes(how))]
      if (mine !== e || sorted(minesNotes) !== sorted(en)) { bad++; if (bad < 15) console.log(seed, how, "\nmine  ", mine, "| notes", minesNotes, "\ntheirs", e, "| notes", en) }
    }
    const again = readWord(await publish(publishableOf(draft), { format: "docx", view: "open", marks: "delegation", hasComments: true, template: null }), "x")
    const strip = ({ revisions, warnings, debris, ...x }: any) => JSON.stringify(x, null, 1)
    if (strip(again) !== strip(draft)) { bad++; writeFileSync("/tmp/a.json", strip(draft)); writeFileSync("/tmp/b.json", strip(again)); if (bad < 15) console.log(seed, "ROUNDTRIP"); if (process.env.STOP) break }
  }
  console.log("bad", bad)
  expect(bad).toBe(0)
}, 900000)
