/**
 * Text from outside -> what a reader sees of it: control and bidirectional characters as visible escapes, never obeyed.
 *
 * Names, messages and ids come from anywhere. What Preact renders goes through `showControls`, set once at the start, so that no view
 * can forget it; rows that are painted without Preact use `setText`. Text becomes a text node always, never markup.
 */
import type { ComponentChildren, Options, VNode } from 'preact'

import { visibleBlock, visibleLine } from '../../model/visible-text.ts'

/** Attributes that are read out or shown. */
const SHOWN_ATTRIBUTES = ['title', 'aria-label', 'placeholder'] as const

/** From now on every text that Preact puts into the page is shown, not obeyed. */
export function showControls(options: Options): void {
  const before = options.vnode?.bind(options)
  options.vnode = (vnode: VNode) => {
    if (typeof vnode.type === 'string') showIn(vnode.props)
    before?.(vnode)
  }
}

function showIn(given: object): void {
  const props = given as Record<string, unknown>
  props['children'] = shownChildren(props['children'] as ComponentChildren)
  for (const name of SHOWN_ATTRIBUTES) {
    const value = props[name]
    if (typeof value === 'string') props[name] = visibleLine(value)
  }
}

function shownChildren(children: ComponentChildren): ComponentChildren {
  if (typeof children === 'string') return visibleBlock(children)
  return Array.isArray(children) ? children.map(shownChildren) : children
}

/** The only text of an element; one line. */
export function setText(element: Element, text: string): void {
  element.textContent = visibleLine(text)
}

/** A new element with a class and one line of text. */
export function textElement(tag: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(tag)
  if (className !== '') element.className = className
  if (text !== '') setText(element, text)
  return element
}
