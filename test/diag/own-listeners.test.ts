import { EventEmitter } from 'node:events'

import { describe, expect, test, vi } from 'vitest'

import { listenUnseen } from '../../src/diag/own-listeners.ts'
import { runChild } from '../support/child.ts'
import { NODE_VERSIONS, nodeBinary } from '../support/nodes.ts'

const CASES = [
  'nothing',
  'one of each',
  'once and prepended',
  'the events of adding and removing',
  'too many',
  'too many of a limit of one',
  'warned again after all were removed',
]

describe.each(NODE_VERSIONS)(
  'on Node %s an application sees of listeners on process what it sees without us:',
  (version) => {
    test.each(CASES)('%s', async (name) => {
      const node = nodeBinary(version)
      const env = { OTEL_LOGS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }
      const [bare, ours] = await Promise.all([
        runChild('ends/listeners.cjs', { args: [name], preload: 'none', node, env }),
        runChild('ends/listeners.cjs', { args: [name], node, env }),
      ])
      expect(ours.stdout).toBe(bare.stdout)
      expect(withoutPid(ours.stderr)).toBe(withoutPid(bare.stderr))
      expect(ours.code).toBe(bare.code)
    })
  },
)

function withoutPid(text: string): string {
  return text.replaceAll(/\(node:\d+\)/g, '(node)')
}

describe('a listener of ours', () => {
  test('hears, and does not throw into the emitter', () => {
    const target = new EventEmitter()
    const heard = vi.fn<() => void>()
    listenUnseen(target, 'x', heard)
    listenUnseen(target, 'y', () => {
      throw new Error('ours')
    })
    expect(target.emit('x', 1, 2)).toBe(true)
    expect(heard).toHaveBeenCalledExactlyOnceWith(1, 2)
    target.emit('y')
  })

  test('is first where it must be', () => {
    const target = new EventEmitter()
    const order: string[] = []
    target.on('x', () => order.push('application'))
    listenUnseen(target, 'x', () => order.push('after'))
    listenUnseen(target, 'x', () => order.push('before'), { isFirst: true })
    target.emit('x')
    expect(order).toEqual(['before', 'application', 'after'])
  })

  test.each([[['x']], [[]], [['y']]] as const)('is still there after removeAllListeners(%s)', (args) => {
    const target = new EventEmitter()
    const heard = vi.fn<() => void>()
    listenUnseen(target, 'x', heard)
    target.on('x', () => {})
    target.removeAllListeners(...args)
    target.emit('x')
    expect(heard).toHaveBeenCalledOnce()
  })

  test('leaves an emitter as it was when the last of ours is taken away', () => {
    const target = new EventEmitter()
    const before = Reflect.ownKeys(target)
    const stops = [listenUnseen(target, 'x', () => {}), listenUnseen(target, 'y', () => {})]
    target.on('x', vi.fn<() => void>())
    for (const stop of [...stops, ...stops]) stop()
    expect(Reflect.ownKeys(target)).toEqual(before)
    expect(target.eventNames()).toEqual(['x'])
    target.removeAllListeners('x')
    expect(target).toEqual(new EventEmitter())
  })
})
