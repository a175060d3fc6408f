/**
 * The page's script against a browser's EventSource that is closed: it asks again.
 */
import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'

import { expect, test } from 'vitest'

const SCRIPT = readFileSync(new URL('../../../src/backend/ui/live.js', import.meta.url), 'utf8')

type Heard = (event: object) => void

/** As far as the script looks at it. */
class FakeEventSource {
  static readonly CLOSED = 2
  static readonly made: FakeEventSource[] = []
  readyState = 1
  readonly #heard = new Map<string, Heard>()
  readonly address: string
  constructor(address: string) {
    this.address = address
    FakeEventSource.made.push(this)
  }
  addEventListener(name: string, heard: Heard): void {
    this.#heard.set(name, heard)
  }
  fire(name: string): void {
    this.#heard.get(name)?.({})
  }
}

test('a tail that the backend refused is asked again, and the list is read again when it answers', async () => {
  const timers: (() => void)[] = []
  const fetched: string[] = []
  const classes = new Set<string>()
  const badge = {
    hidden: true,
    classList: { add: (name: string) => classes.add(name), remove: (name: string) => classes.delete(name) },
  }
  const document = {
    body: { dataset: { view: 'logs' } },
    getElementById: (id: string) => (id === 'live' ? badge : undefined),
    addEventListener: () => undefined,
    getSelection: () => undefined,
    hidden: false,
  }
  const context = createContext({
    document,
    window: { scrollY: 0, addEventListener: () => undefined },
    location: { search: '?q=web', href: 'http://127.0.0.1/logs' },
    URLSearchParams,
    EventSource: FakeEventSource,
    setTimeout: (run: () => void) => timers.push(run),
    fetch: (url: string) => {
      fetched.push(url)
      return Promise.resolve({ ok: false })
    },
  })
  runInContext(SCRIPT, context)

  const [first] = FakeEventSource.made
  first?.fire('open')
  expect([badge.hidden, [...classes], timers.length]).toEqual([false, [], 0])
  Object.assign(first ?? {}, { readyState: FakeEventSource.CLOSED })
  first?.fire('error')
  expect([...classes]).toEqual(['off'])
  timers.splice(0).forEach((run) => run())
  const second = FakeEventSource.made[1]
  expect(second?.address).toBe('/api/v1/tail?q=web')
  second?.fire('open')
  expect([...classes]).toEqual([])
  timers.splice(0).forEach((run) => run())
  expect(fetched).toEqual(['http://127.0.0.1/logs'])
})
