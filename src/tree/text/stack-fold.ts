/**
 * A stack -> the frames a person reads: the application's own, shortened; those of dependencies and of Node are counted.
 */
import { frameOf, isDependencyFrame, isNodeFrame } from '../../model/own-frame.ts'

/** Frames shown before the rest is counted. Source: spec/backend, the terminal form of a trace. */
export const SHOWN_FRAMES = 2

export interface FoldedStack {
  /** `at getCart (src/cart.ts:31:14)`, the innermost first. */
  readonly frames: readonly string[]
  /** `+ 4 of this app, 11 in node_modules`; `''` when nothing was folded. */
  readonly rest: string
}

export interface FoldOptions {
  /** Default SHOWN_FRAMES. */
  readonly shown?: number
  /** Paths under it are shortened when no frame tells where the project lies. */
  readonly cwd?: string
}

/** @returns no frames for a text that holds none */
export function foldStack(stack: string, { shown = SHOWN_FRAMES, cwd }: FoldOptions = {}): FoldedStack {
  const frames = stack.split('\n').flatMap(frameOf)
  const own = frames.filter((frame) => !isDependencyFrame(frame) && !isNodeFrame(frame))
  const root = rootOf(frames) ?? cwd
  // An error from the depths of a dependency: its own first frame is better than none.
  const visible = own.length > 0 ? own.slice(0, shown) : frames.slice(0, 1)
  const hidden = frames.filter((frame) => !visible.includes(frame))
  return { frames: visible.map((frame) => `at ${shorten(frame, root)}`), rest: restText(hidden) }
}

/** Of the application, of a package, of Node itself. */
export type FrameKind = 'own' | 'modules' | 'node'

export interface Frame {
  /** `getCart (src/cart.ts:31:14)`, the path shortened. */
  readonly text: string
  /** As it was logged: `getCart (/home/me/shop/src/cart.ts:31:14)`. */
  readonly whole: string
}

/** All frames of a stack by where they come from, each kind in its order. */
export function groupFrames(stack: string): Readonly<Record<FrameKind, readonly Frame[]>> {
  const frames = stack.split('\n').flatMap(frameOf)
  const root = rootOf(frames)
  const groups: Record<FrameKind, Frame[]> = { own: [], modules: [], node: [] }
  for (const whole of frames) groups[kindOf(whole)].push({ text: shorten(whole, root), whole })
  return groups
}

function kindOf(frame: string): FrameKind {
  if (isDependencyFrame(frame)) return 'modules'
  return isNodeFrame(frame) ? 'node' : 'own'
}

function restText(hidden: readonly string[]): string {
  const counts = [
    { count: hidden.filter((frame) => !isDependencyFrame(frame) && !isNodeFrame(frame)).length, where: 'of this app' },
    { count: hidden.filter(isDependencyFrame).length, where: 'in node_modules' },
    { count: hidden.filter(isNodeFrame).length, where: 'in Node' },
  ].filter(({ count }) => count > 0)
  return counts.length === 0 ? '' : `+ ${counts.map(({ count, where }) => `${count} ${where}`).join(', ')}`
}

/** The folder that holds node_modules is the project. */
function rootOf(frames: readonly string[]): string | undefined {
  for (const frame of frames) {
    const path = /(?:\(|^|\s)(?:file:\/\/)?([^\s()]*?)[\\/]node_modules[\\/]/.exec(frame)?.[1]
    if (path !== undefined && path !== '') return path
  }
  return undefined
}

function shorten(frame: string, root: string | undefined): string {
  const plain = frame.replace('file://', '')
  const folder = root?.replace(/[\\/]$/, '')
  return folder === undefined ? plain : plain.replace(`${folder}/`, '').replace(`${folder}\\`, '')
}
