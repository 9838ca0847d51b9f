import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"

/** What an operator watches. No document text and no name is ever a label. */
export interface Metrics {
  readonly registry: Registry
  readonly refusals: Counter<"reason" | "raced">
  readonly updates: Counter
  readonly commitSeconds: Histogram
  readonly clients: Gauge
  readonly rooms: Gauge
  readonly faults: Counter<"doing">
  readonly storeFailures: Counter<"call">
  readonly damaged: Gauge
  readonly filesDamaged: Gauge
  readonly stopped: Gauge
  readonly logLinesLost: Counter
}

export function newMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    refusals: new Counter({
      name: "clausula_refusals_total",
      help: "Updates refused, by reason",
      labelNames: ["reason", "raced"],
      registers,
    }),
    updates: new Counter({ name: "clausula_updates_total", help: "Updates committed", registers }),
    commitSeconds: new Histogram({ name: "clausula_commit_seconds", help: "Time to make a window of updates durable", registers }),
    clients: new Gauge({ name: "clausula_clients", help: "Open sockets", registers }),
    rooms: new Gauge({ name: "clausula_rooms", help: "Drafts that are open in memory", registers }),
    faults: new Counter({
      name: "clausula_faults_total",
      help: "Exceptions of the server's own, by what it was doing; expected to stay 0",
      labelNames: ["doing"],
      registers,
    }),
    damaged: new Gauge({ name: "clausula_drafts_damaged", help: "Drafts that were found damaged", registers }),
    filesDamaged: new Gauge({
      name: "clausula_files_damaged",
      help: "Published files, and the institution's template, that were found missing or altered",
      registers,
    }),
    stopped: new Gauge({ name: "clausula_store_stopped", help: "1 where nothing is saved any more until the next start", registers }),
    logLinesLost: new Counter({ name: "clausula_log_lines_lost_total", help: "Lines of the log that could not be written", registers }),
    storeFailures: new Counter({
      name: "clausula_store_failures_total",
      help: "Failures of the store, by what was asked of it",
      labelNames: ["call"],
      registers,
    }),
  }
}
