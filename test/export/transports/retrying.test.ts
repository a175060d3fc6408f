import { expect, test } from 'vitest'

import type { Answer } from '../../../src/export/transports/answer.ts'
import { retrying } from '../../../src/export/transports/retrying.ts'
import type { Transport } from '../../../src/export/transports/transport.ts'
import { logsRequest } from '../../contract/transport.contract.ts'

interface Script extends Transport {
  /** When each try began. Milliseconds. */
  readonly tries: number[]
  /** How long each try was given. Milliseconds. */
  readonly given: number[]
}

/** Answers as told, then `delivered`. */
function script(...answers: Answer[]): Script {
  const tries: number[] = []
  const given: number[] = []
  return {
    tries,
    given,
    send: (_, deadlineMillis) => {
      const now = performance.now()
      tries.push(now)
      given.push(deadlineMillis - now)
      return Promise.resolve(answers.shift() ?? { kind: 'delivered' })
    },
    hurry: () => {},
    stop: () => {},
  }
}

const busy: Answer = { kind: 'unreachable', reason: 'HTTP 503' }
const busyFor = (retryAfterMillis: number): Answer => ({ ...busy, retryAfterMillis })
const request = logsRequest('a')
/** Every answer that is there has been heard. */
const answered = () => new Promise<void>((resolve) => setImmediate(resolve))
const gapsOf = ({ tries }: Script) => tries.slice(1).map((at, index) => at - (tries[index] ?? 0))

test('each try has the time of one try, and the last answer counts', async () => {
  const peer = script(busy, busy, busy, busy)
  const transport = retrying(peer, { tries: 3, timeoutMillis: 700 })
  expect(await transport.send(request, Infinity)).toEqual(busy)
  expect(peer.given.map(Math.round)).toEqual([700, 700, 700])
  expect(Math.min(...gapsOf(peer))).toBeGreaterThanOrEqual(100)
})

test.each(['rejected', 'too_large'] as const)('%s is not tried again', async (kind) => {
  const peer = script({ kind, reason: 'HTTP 400' })
  expect(await retrying(peer, { tries: 3, timeoutMillis: 700 }).send(request, Infinity)).toMatchObject({ kind })
  expect(peer.tries).toHaveLength(1)
})

test('a pause that the destination asks for is kept by the requests that begin in it', async () => {
  const peer = script(busyFor(300))
  const transport = retrying(peer, { tries: 3, timeoutMillis: 700 })
  const first = transport.send(request, Infinity)
  await answered()
  const others = [transport.send(request, Infinity), transport.send(request, Infinity)]
  expect(await Promise.all([first, ...others])).toEqual(Array.from({ length: 3 }, () => ({ kind: 'delivered' })))
  const [began = 0, ...later] = peer.tries
  expect(later).toHaveLength(3)
  expect(Math.min(...later) - began).toBeGreaterThanOrEqual(300)
})

test('a pause is cut short at the end of the process', async () => {
  const peer = script(busyFor(300_000))
  const transport = retrying(peer, { tries: 3, timeoutMillis: 700 })
  const first = transport.send(request, Infinity)
  await answered()
  const second = transport.send(request, Infinity)
  transport.hurry(5_000)
  expect(await Promise.all([first, second])).toEqual([{ kind: 'delivered' }, { kind: 'delivered' }])
  expect(Math.min(...peer.tries.slice(1)) - (peer.tries[0] ?? 0)).toBeGreaterThanOrEqual(100)
})

test('a request that waits in a pause is answered for when there is no time left', async () => {
  const peer = script(busyFor(300_000))
  const transport = retrying(peer, { tries: 3, timeoutMillis: 700 })
  const first = transport.send(request, Infinity)
  await answered()
  const second = transport.send(request, Infinity)
  transport.stop()
  expect(await Promise.all([first, second])).toEqual([busyFor(300_000), busyFor(300_000)])
  expect(peer.tries).toHaveLength(1)
})
