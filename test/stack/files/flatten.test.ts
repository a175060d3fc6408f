/** What an application's own flat file holds, `tracelog flatten` makes of the real Collector's file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { expect, onTestFinished } from 'vitest'

import { runChild, startChild } from '../../support/child.ts'
import { startOtelcol } from '../../support/servers/otelcol.ts'
import { requireServers } from '../../support/servers/program.ts'
import { runCli } from '../../cli/run-cli.ts'

const CLI = new URL('../../../dist/cli.js', import.meta.url).pathname
const withOtelcol = requireServers('otelcol')

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tracelog-flatten-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

/** A Collector with these settings of its file exporter; Loki and Tempo are away, which must not matter. */
async function startCollector(folder: string, settings = '{}') {
  const overlay = join(folder, 'overlay.yaml')
  writeFileSync(overlay, `exporters: { file/aggregate: ${settings} }\n`)
  const nobody = 'http://127.0.0.1:9'
  const env = { TRACELOG_LOKI: nobody, TRACELOG_TEMPO: nobody }
  const collector = await startOtelcol({ configs: ['standalone.yaml', overlay], folder: join(folder, 'otelcol'), env })
  onTestFinished(() => collector.kill())
  return collector
}

withOtelcol.for([
  ['as it ships', '{}'],
  ['packed by the Collector', '{ compression: zstd }'],
] as const)(
  'flatten makes of the file of the Collector what the application wrote itself: %s',
  async ([, settings]) => {
    const folder = newFolder()
    const collector = await startCollector(folder, settings)
    const own = join(folder, 'own.jsonl')
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.httpUrl,
      OTEL_SERVICE_NAME: 'shop',
      TRACELOG_FILE: own,
      TRACELOG_RECORD_UID: 'on',
    }
    expect(await runChild('collector/shop.mjs', { env })).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' })

    const expected = linesOf(readFileSync(own, 'utf8'))
    expect(expected.length).toBeGreaterThan(40 * 5)
    // Written through: what was acknowledged is in the file.
    const { code, out, err } = await runCli(['flatten', collector.aggregateFile])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(linesOf(out).toSorted()).toEqual(expected.toSorted())
  },
)

withOtelcol('rotated files, then more of them while they are followed: every record once, in order', async () => {
  const folder = newFolder()
  const collector = await startCollector(folder, '{ rotation: { max_megabytes: 1, max_backups: 100 } }')
  let sent = 0
  const send = async (requests: number): Promise<void> => {
    for (let n = 0; n < requests; n++) {
      const logRecords = Array.from({ length: 100 }, () => ({
        timeUnixNano: '1726151722001000000',
        severityNumber: 9,
        body: { stringValue: `record ${sent++} ${'x'.repeat(900)}` },
      }))
      const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
      const response = await fetch(`${collector.httpUrl}/v1/logs`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
      expect(response.status).toBe(200)
    }
  }
  await send(30)
  const output = join(folder, 'all.jsonl')
  const flatten = startChild(CLI, {
    preload: 'none',
    args: ['flatten', '--follow', '--output', output, collector.aggregateFile],
  })
  await send(30)

  const numbers = () =>
    linesOf(readFileSync(output, { encoding: 'utf8', flag: 'a+' })).map((line) =>
      Number(/"message":"record (\d+) /.exec(line)?.[1]),
    )
  await expect.poll(() => numbers().length, { timeout: 30_000 }).toBeGreaterThanOrEqual(sent)
  flatten.kill('SIGINT')
  expect(await flatten.ended).toMatchObject({ code: 0, stderr: '' })
  expect(numbers()).toEqual(Array.from({ length: sent }, (_, n) => n))
  expect(readdirSync(dirname(collector.aggregateFile)).length).toBeGreaterThan(4)
})
