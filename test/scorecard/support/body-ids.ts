/**
 * An endpoint that only counts: which `#id#` bodies came, how often, and when. Answers 200, 503 or nothing.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface IdCounter {
  readonly url: string
  /** How often each id came in a request that was answered 200. */
  readonly counts: Map<number, number>
  /** Largest number of requests at the same time since it was last set to 0. */
  mostInFlight: number
  requests: number
  /** In one request. */
  mostRecords: number
  status: number
  close(): Promise<void>
}

export async function startIdCounter(status = 200): Promise<IdCounter> {
  let inFlight = 0
  const server = createServer((request, response) => {
    counter.mostInFlight = Math.max(counter.mostInFlight, ++inFlight)
    counter.requests++
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    response.on('close', () => inFlight--)
    request.on('end', () => {
      if (counter.status === 200) {
        const found = Buffer.concat(chunks)
          .toString('latin1')
          .matchAll(/#(\d+)#/g)
        const ids = [...found].map(([, id]) => Number(id))
        for (const id of ids) counter.counts.set(id, (counter.counts.get(id) ?? 0) + 1)
        counter.mostRecords = Math.max(counter.mostRecords, ids.length)
      }
      response.writeHead(counter.status, { 'content-type': 'application/x-protobuf' })
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const counter: IdCounter = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: new Map(),
    mostInFlight: 0,
    requests: 0,
    mostRecords: 0,
    status,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return counter
}
