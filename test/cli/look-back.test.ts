import { expect, test } from 'vitest'

import type { Output } from '../../src/cli/io.ts'
import { createLookBack } from '../../src/cli/look-back.ts'

function outputTo(written: string[], isTerminal: boolean): Output {
  const write = (text: string): void => void written.push(text)
  return {
    write,
    writeBytes: () => {},
    drained: () => Promise.resolve(),
    isTerminal,
    colourDepth: 1,
    columns: isTerminal ? 80 : undefined,
  }
}

test('a terminal is shown how far back the search has come, until there is an answer', () => {
  const written: string[] = []
  const lookBack = createLookBack(outputTo(written, true))!
  lookBack.end()
  lookBack.to(1_726_151_722_001_000_000n)
  lookBack.end()
  expect(written).toEqual(['\r\u001b[Klooking back to 2024-09-12 14:35 UTC …', '\r\u001b[K'])
})

test('nothing is written where nobody looks', () => {
  expect(createLookBack(outputTo([], false))).toBeUndefined()
})
