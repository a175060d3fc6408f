/**
 * The contract of sources, for a file: of the kind that the Collector's file exporter writes, one request per line, of both signals.
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { createJsonlSource } from '../../src/sources/jsonl.ts'
import { sourceContract } from '../contract/source.contract.ts'

sourceContract(
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tracelog-jsonl-'))
    const path = join(folder, 'logs.jsonl')
    writeFileSync(path, '')
    // What the Collector does with a request in JSON.
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        appendFileSync(path, `${body}\n`)
        response.end('{}')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      source: createJsonlSource({ path, name: 'logs.jsonl' }),
      otlpUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async stop() {
        server.close()
        server.closeAllConnections()
        await once(server, 'close')
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
  { runs: 100, patience: 10_000 },
)
