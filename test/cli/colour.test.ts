import { expect, test } from 'vitest'

import { colourDepthOf, createPaint } from '../../src/cli/colour.ts'

test.each([
  [true, { TERM: 'xterm-256color' }, 8],
  [true, { TERM: 'linux' }, 4],
  [true, { TERM: 'xterm', COLORTERM: 'truecolor' }, 24],
  [true, { TERM: 'dumb' }, 1],
  [true, { TERM: 'xterm-256color', NO_COLOR: '1' }, 1],
  [true, { TERM: 'xterm-256color', NO_COLOR: '' }, 8],
  [false, { TERM: 'xterm-256color' }, 1],
  [false, { FORCE_COLOR: '1' }, 4],
  [false, { FORCE_COLOR: '2', NO_COLOR: '1' }, 8],
  [false, { FORCE_COLOR: '3' }, 24],
  [true, { TERM: 'xterm-256color', FORCE_COLOR: '0' }, 1],
])('a stream (terminal: %s) with %j takes %i bits of colour', (isTerminal, env, depth) => {
  expect(colourDepthOf(isTerminal, env)).toBe(depth)
})

test.each([
  [1, /^web$/],
  // oxlint-disable-next-line no-control-regex -- a colour is one
  [4, /^\u001b\[(?:3[456]|9[456])mweb\u001b\[0m$/],
  // oxlint-disable-next-line no-control-regex -- a colour is one
  [8, /^\u001b\[38;5;\d+mweb\u001b\[0m$/],
])('%i bits colour a service so that the terminal can show it', (depth, expected) => {
  expect(createPaint(depth).service('web', 'web')).toMatch(expected)
})
