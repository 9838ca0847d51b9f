/** Routes to papers: drafts as files, versions that are named and published, the institution's template. */
import { z } from "zod"
import { defineRoutes } from "./route.ts"
import {
  after,
  formatShape,
  marksShape,
  publishedShape,
  shortText,
  text,
  versionNumber,
  versionShape,
  viewShape,
  yesOrNo,
} from "./shapes.ts"

export const paperRoutes = defineRoutes({
  exportDraft: {
    method: "get",
    path: "/drafts/:draft/export",
    summary: "The draft as a file",
    query: z.object({
      format: formatShape.default("json"),
      view: viewShape.default("open"),
      marks: marksShape.default("delegation"),
      comments: yesOrNo.default("true"),
      // As it was when that version was named; without one as it is now.
      version: versionNumber.optional(),
      // Whether Word takes the institution's template, where the secretariat has set one.
      template: yesOrNo.default("true"),
    }),
    givesFile: true,
  },
  versions: {
    method: "get",
    path: "/drafts/:draft/versions",
    summary: "The versions that were named, with the files that were published of each",
    answer: z.array(versionShape),
  },
  nameVersion: {
    method: "post",
    path: "/drafts/:draft/versions",
    summary: "Name the draft as it is now: this state can be had again, published and compared",
    body: z.object({ name: shortText, after: after.optional() }),
    answer: z.object({ n: z.number().int() }),
    status: 201,
  },
  publish: {
    method: "post",
    path: "/drafts/:draft/versions/:version/files",
    summary: "Publish a version: its file is written once and kept",
    body: z.object({
      format: formatShape,
      view: viewShape.default("against"),
      marks: marksShape.default("body"),
      comments: z.boolean().default(false),
      template: z.boolean().default(true),
    }),
    answer: publishedShape,
    status: 201,
  },
  publishedFile: {
    method: "get",
    path: "/drafts/:draft/versions/:version/files/:hash",
    summary: "A published file, to the byte",
    givesFile: true,
  },
  compareVersions: {
    method: "get",
    path: "/drafts/:draft/versions/:version/compare",
    summary: "What changed from a version to another, or to the draft as it is now, as tracked changes",
    query: z.object({
      with: versionNumber.optional(),
      text: z.enum(["working", "proposed"]).default("working"),
      format: formatShape.default("docx"),
    }),
    givesFile: true,
  },
  template: {
    method: "get",
    path: "/template",
    summary: "The institution's Word template that papers are written in",
    answer: z.object({ name: text.nullable() }),
  },
  setTemplate: {
    method: "post",
    path: "/template",
    summary: "Set the institution's Word template: its styles, headers and page are kept, {{title}}, {{designation}} ... are filled",
    takesFile: true,
    query: z.object({ name: shortText.default("template.docx") }),
    answer: z.object({ name: text }),
    status: 201,
  },
  removeTemplate: { method: "delete", path: "/template", summary: "Write papers without a template again", status: 204 },
})
