import { expect, test } from 'vitest'

import type { SignalStats } from '../../src/export/pipeline-stats.ts'
import { runChild } from '../support/child.ts'
import { startReceiver } from '../support/receiver.ts'
import { scaled } from '../support/scale.ts'

const COUNT = scaled({ pullRequest: 500, full: 1000 })

test('values that cannot be read, at every place where they meet us, change nothing of what the application sees', async () => {
  const receiver = await startReceiver()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const [bare, ours] = await Promise.all([
    runChild('faults/hostile.cjs', { preload: 'none', args: [String(COUNT)] }),
    runChild('faults/hostile.cjs', { preload: 'require', args: [String(COUNT)], env }),
  ])
  await receiver.close()
  expect({ code: ours.code, lines: ours.stdout.split('\n') }).toEqual({ code: 0, lines: bare.stdout.split('\n') })
  expect(applicationPart(ours.stderr)).toEqual(applicationPart(bare.stderr))

  const stats = JSON.parse(/^stats (.*)$/m.exec(ours.stderr)?.[1] ?? '') as SignalStats
  const { emitted, delivered, queued, dropped } = stats
  expect(delivered + queued + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(emitted)
  expect(emitted).toBeGreaterThan(COUNT * 4)
  expect(receiver.receivedLogs.length).toBeGreaterThanOrEqual(delivered)
  expect(delivered + dropped.corrupt).toBe(emitted)
}, 180_000)

function applicationPart(stderr: string): readonly string[] {
  const own = /^stats |^\(Use `node --trace-warnings/
  return stderr
    .replaceAll(/\(node:\d+\)/g, '(node)')
    .split('\n')
    .filter((line) => !own.test(line))
}
