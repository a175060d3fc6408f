/** Rules of the recorder that need many units, much memory or much time. */
import { describe, expect, test } from 'vitest'

import { ENDS, RecorderKit } from './recorder-kit.ts'

describe('limits', () => {
  test('a unit loses its oldest beyond its records and beyond its bytes, and its dump says how much', () => {
    const kit = new RecorderKit({ unitMaxBytes: 64 * 1024 })
    const unit = kit.begin()
    for (let i = 0; i < 1_000; i++) kit.keep(unit, `${i}`.padEnd(800))
    kit.log(unit, 'failed')
    const { evicted, dumped } = kit.recorder.stats()
    expect(evicted).toBe(1_000 - dumped)
    expect(dumped).toBe(65)
    expect(kit.emitted[0]?.attributes).toMatchObject({
      'tracelog.dump.buffered': 65,
      'tracelog.dump.evicted_records': 935,
      'tracelog.dump.evicted_bytes': 935_000,
    })
    expect(kit.out.at(-1)).toBe('failed')
  })

  test('the process holds no more than its bytes: each of many units has its share, and ended ones go first', () => {
    const kit = new RecorderKit({ maxBytes: 64 * 1024 })
    const ended = kit.begin()
    for (let i = 0; i < 20; i++) kit.keep(ended, 'x'.repeat(800))
    kit.end(ended)
    const units = Array.from({ length: 8 }, () => kit.begin())
    for (let i = 0; i < 40; i++) for (const unit of units) kit.keep(unit, `${i}`.padEnd(800))
    const { bytes, lingering, discarded } = kit.recorder.stats()
    expect(bytes).toBeLessThanOrEqual(64 * 1024)
    expect({ lingering, discarded }).toEqual({ lingering: 0, discarded: 20 })
    kit.log(units[0]!, 'failed')
    expect(kit.out.slice(0, 2)).toEqual(['[level]', `+${'32'.padEnd(800)}`])
  })

  test('beyond 10,000 units with records new ones keep nothing, and are counted', () => {
    const kit = new RecorderKit()
    const units = Array.from({ length: 10_002 }, () => kit.begin())
    for (const unit of units) kit.keep(unit, 'one')
    expect(kit.recorder.stats()).toMatchObject({ units: 10_000, kept: 10_000, passed: 2 })
    kit.log(units.at(-1)!, 'failed')
    expect(kit.out).toEqual(['[level]', 'failed'])
    expect(kit.emitted[0]?.attributes).toMatchObject({ 'tracelog.dump.kept': false, 'tracelog.dump.buffered': 0 })
  })

  test('a unit that wrote nothing for ten minutes forgets', () => {
    const kit = new RecorderKit()
    const idle = kit.begin()
    kit.keep(idle, 'long ago')
    kit.nowMillis += 600_000
    kit.keep(kit.begin(), 'another')
    kit.keep(idle, 'again')
    kit.log(idle, 'failed')
    expect(kit.out).toEqual(['[level]', '+again', 'failed'])
  })

  test('ended units hold 4 MiB together; the last ones are there in any case', () => {
    const kit = new RecorderKit()
    const units = Array.from({ length: 6_000 }, () => {
      const unit = kit.begin()
      kit.keep(unit, 'x'.repeat(800))
      kit.end(unit)
      return unit
    })
    expect(kit.recorder.stats().bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
    kit.log(units.at(-1)!, 'failed')
    kit.log(units[0]!, 'the first')
    expect(kit.out.map((line) => line.trim().slice(0, 10))).toEqual([
      '[level]',
      '+xxxxxxxxx',
      'failed',
      '[level]',
      '+xxxxxxxxx',
      'the first',
    ])
  })
})

describe('A-5: when much fails at once', () => {
  test('there are 20 dumps a second and 50 at once, the others are a header; nothing of them is lost before its time', () => {
    const kit = new RecorderKit()
    for (let i = 0; i < 10_000; i++) {
      kit.nowMillis += 1
      const unit = kit.begin()
      kit.keep(unit, 'kept')
      kit.log(unit, `failed ${i}`)
    }
    const { dumps, suppressed } = kit.recorder.stats()
    // 50, and 20 a second for ten seconds; a token may be short by a rounding.
    expect([249, 250]).toContain(dumps.level)
    expect(suppressed).toBe(10_000 - dumps.level)
    expect(kit.out.filter((line) => line.startsWith('failed'))).toHaveLength(10_000)
    expect(kit.emitted.filter(({ attributes }) => attributes['tracelog.dump.suppressed'] === true)).toHaveLength(
      suppressed,
    )
  })

  test('of what fails alike five are dumped in a minute; digits make no difference', () => {
    const kit = new RecorderKit()
    const fail = (text: string, route: string) => {
      kit.nowMillis += 1_000
      const unit = kit.begin(undefined, route)
      kit.keep(unit, 'kept')
      kit.log(unit, text)
    }
    for (let i = 0; i < 8; i++) fail(`order ${i} failed`, '/orders')
    expect(kit.recorder.stats().dumps.level).toBe(5)
    fail('stock failed', '/orders')
    fail('order 1 failed', '/stock')
    expect(kit.recorder.stats().dumps.level).toBe(7)
    kit.nowMillis += 60_000
    fail('order 9 failed', '/orders')
    expect(kit.recorder.stats().dumps.level).toBe(8)
  })

  test('a suppressed unit writes one header, and is dumped when somebody wants this very one', () => {
    const kit = new RecorderKit()
    for (let i = 0; i < 6; i++) {
      const unit = kit.begin(undefined, '/x')
      kit.keep(unit, `kept ${i}`)
      kit.log(unit, 'failed')
      kit.log(unit, 'failed again')
      kit.end(unit, { status: 500 })
      if (i === 5) kit.recorder.dump(unit)
    }
    expect(kit.out.slice(-5)).toEqual(['[level]', 'failed', 'failed again', '[manual]', '+kept 5'])
  })
})

describe('another service has failed', () => {
  test('who is asked by it begins so: a header at its first line, which takes no place among the dumps', () => {
    const kit = new RecorderKit()
    for (let i = 0; i < 100; i++) {
      const unit = kit.begin()
      kit.recorder.onDumpAsked(unit, true)
      kit.keep(unit, 'kept')
    }
    expect(kit.recorder.stats()).toMatchObject({ suppressed: 0, dumps: { remote: 100 } })
    expect(kit.out.slice(0, 2)).toEqual(['[remote]', '+kept'])
  })

  test('who has asked it is dumped as by a failure of its own: no more than there may be at once', () => {
    const kit = new RecorderKit()
    for (let i = 0; i < 100; i++) {
      const unit = kit.begin()
      kit.keep(unit, 'kept')
      kit.recorder.onDumpAsked(unit, false)
    }
    expect(kit.recorder.stats()).toMatchObject({ suppressed: 50, dumps: { remote: 50 } })
  })

  test('who asks is told of a unit that was dumped, and of a status that is about to cause it', () => {
    const kit = new RecorderKit()
    const [good, dumped] = [kit.begin(), kit.begin()]
    kit.recorder.dump(dumped)
    const asks = [kit.recorder.asksForDump(good, 200), kit.recorder.asksForDump(good, 503)]
    expect([...asks, kit.recorder.asksForDump(dumped, 200)]).toEqual([false, true, true])
  })
})

describe('triggers', () => {
  test.each([
    {
      what: 'a status of the list',
      settings: { dumpStatuses: [{ from: 404, to: 404 }] },
      end: { status: 404 },
      reason: 'status',
    },
    { what: 'another status', settings: {}, end: { status: 404 }, reason: undefined },
    {
      what: 'a failed unit without status',
      settings: {},
      end: { status: undefined, hasFailed: true },
      reason: 'status',
    },
    { what: 'a slow one', settings: { slowMillis: 100 }, end: { millis: 100 }, reason: 'slow' },
    { what: 'one that is not slow', settings: { slowMillis: 100 }, end: { millis: 99 }, reason: undefined },
    { what: 'an aborted one', settings: { dumpsAborted: true }, end: { isAborted: true }, reason: 'abort' },
    { what: 'an aborted one, not asked for', settings: {}, end: { isAborted: true }, reason: undefined },
    { what: 'a sample', settings: { ratio: 1 }, end: {}, reason: 'sample' },
  ])('$what: $reason', ({ settings, end, reason }) => {
    const kit = new RecorderKit(settings)
    const unit = kit.begin()
    kit.keep(unit, 'kept')
    kit.end(unit, end)
    expect(kit.out[0]).toBe(reason && `[${reason}]`)
  })

  test('of several reasons at the end the first of the list counts', () => {
    const kit = new RecorderKit({ slowMillis: 1, dumpsAborted: true, ratio: 1 })
    const unit = kit.begin()
    kit.keep(unit, 'kept')
    unit.hasThrown = true
    kit.end(unit, { status: 500, millis: 5, isAborted: true })
    expect(kit.out[0]).toBe('[exception]')
  })

  test('the record that tells the end of a request triggers nothing by its severity', () => {
    const kit = new RecorderKit({ dumpStatuses: [] })
    const unit = kit.begin()
    kit.keep(unit, 'kept')
    kit.log(unit, 'GET / 500', 17, ENDS)
    expect(kit.out).toEqual(['GET / 500'])
  })

  test('without a kept record there is no header; it comes with the first that is kept', () => {
    const kit = new RecorderKit()
    const unit = kit.begin()
    kit.log(unit, 'failed')
    expect(kit.out).toEqual(['failed'])
    kit.keep(unit, 'after')
    expect(kit.out).toEqual(['failed', '[level]', '+after'])
  })

  test('below TRACELOG_RECORDER_LEVEL nothing is kept', () => {
    const kit = new RecorderKit({ keepFrom: 5 })
    const unit = kit.begin()
    expect([kit.keep(unit, 'trace', 1), kit.keep(unit, 'debug', 5)]).toEqual([false, true])
  })
})
