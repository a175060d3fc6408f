/**
 * Customers of the shop: sends requests of every kind and prints one JSON line per answer.
 *
 * An ordinary program: it knows nothing of tracelog.
 * `node traffic.js <url> <count> [pause] [path]`: so many requests, eight at a time; or, with a pause in milliseconds, one after
 * the other. A count of 0 means: until it is told to stop. With a path all of them ask for that.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const [url = 'http://127.0.0.1:8080', count = '100', pause = '0', onlyPath] = process.argv.slice(2)
const total = Number(count) === 0 ? Number.POSITIVE_INFINITY : Number(count)
/** Requests under way at the same time. */
const CUSTOMERS = Number(pause) > 0 ? 1 : 8
let sent = 0
const stopping = new AbortController()

/** Every kind at a steady rate: most of them products, asked for again and again. */
function pathOf(n: number): string {
  if (onlyPath !== undefined) return onlyPath
  if (n % 40 === 11) return '/api/reports/2026-11'
  if (n % 25 === 17) return `/api/carts/guest-${n}`
  if (n % 15 === 4) return `/api/products/${900 + n}`
  if (n % 6 === 1) return `/api/carts/user-${n % 5}`
  return `/api/products/${1 + ((n * 7) % 24)}`
}

async function ask(path: string): Promise<void> {
  const requestId = randomUUID()
  const started = performance.now()
  const response = await fetch(new URL(path, url), { headers: { 'x-request-id': requestId } })
  await response.text()
  console.log(
    JSON.stringify({
      request_id: requestId,
      method: 'GET',
      path,
      status: response.status,
      took_ms: Math.round((performance.now() - started) * 10) / 10,
      server_timing: response.headers.get('server-timing'),
    }),
  )
}

async function customer(): Promise<void> {
  while (sent < total && !stopping.signal.aborted) {
    await ask(pathOf(sent++))
    if (Number(pause) > 0) await sleep(Number(pause))
  }
}

process.once('SIGTERM', () => stopping.abort())
await Promise.all(Array.from({ length: CUSTOMERS }, customer))
