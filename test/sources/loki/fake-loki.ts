/**
 * Answers as Loki does to query_range, over a list of times: for faults and limits that a real one shows only with much data.
 */
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { onTestFinished } from 'vitest'

export interface FakeLoki {
  readonly url: string
  readonly asked: { readonly path: string; readonly form: URLSearchParams; readonly headers: IncomingHttpHeaders }[]
  /** The next answers; after them it answers as it should. */
  readonly next: { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }[]
}

/** @param times  of the records it has, nanoseconds; equal ones are different records */
export async function startFakeLoki(times: readonly bigint[], maxEntries = 5_000): Promise<FakeLoki> {
  const asked: FakeLoki['asked'][number][] = []
  const next: FakeLoki['next'][number][] = []
  const server = createServer((request, response) => {
    void (async () => {
      const form = new URLSearchParams(await text(request))
      asked.push({ path: request.url ?? '', form, headers: request.headers })
      const told = next.shift()
      if (told !== undefined) {
        response.writeHead(told.status, told.headers).end(told.body)
        return
      }
      const limit = Number(form.get('limit'))
      if (limit > maxEntries) {
        const reason = `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${maxEntries})`
        response.writeHead(400).end(reason)
        return
      }
      response.end(JSON.stringify(answerOf(times, form, limit)))
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, next }
}

function answerOf(times: readonly bigint[], form: URLSearchParams, limit: number): unknown {
  const [start, end] = [BigInt(form.get('start')!), BigInt(form.get('end')!)]
  const isForward = form.get('direction') === 'forward'
  const within = times
    .map((time, i) => ({ time, i }))
    .filter(({ time }) => time >= start && time < end)
    .toSorted((a, b) => Number(isForward ? a.time - b.time : b.time - a.time))
    .slice(0, limit)
  const values = within.map(({ time, i }) => [String(time), `line ${i}`, { structuredMetadata: { n: String(i) } }])
  return { status: 'success', data: { result: [{ stream: { service_name: 'api' }, values }] } }
}
