import { expect, test } from 'vitest'

import { createProgress, type Description } from '../../../src/cli/demo/progress.ts'
import type { Output } from '../../../src/cli/io.ts'

function progressOf(): { progress: ReturnType<typeof createProgress>; text: () => string } {
  let text = ''
  const output: Output = {
    write: (more) => void (text += more),
    writeBytes: () => {},
    drained: () => Promise.resolve(),
    isTerminal: false,
    colourDepth: 1,
    columns: undefined,
  }
  const progress = createProgress(output, new AbortController().signal)
  return { progress, text: () => text }
}

test.each<{ described: Description; line: RegExp }>([
  { described: 'all there', line: /^ {2}✓ {2}check +all there {2}\d+\.\d s\n$/ },
  { described: { failure: '2 things are missing' }, line: /^ {2}✖ {2}check +2 things are missing {2}\d+\.\d s\n$/ },
])('a step that is described as $described has its mark', async ({ described, line }) => {
  const { progress, text } = progressOf()
  expect(
    await progress.step(
      'check',
      () => Promise.resolve(7),
      () => described,
    ),
  ).toBe(7)
  expect(text()).toMatch(line)
})

test('a step that throws has a cross, and throws', async () => {
  const { progress, text } = progressOf()
  await expect(progress.step('check', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(text()).toMatch(/^ {2}✖ {2}check +failed/)
})
