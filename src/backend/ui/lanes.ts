/**
 * Which colour a service has: the backend's lane where it says one, else by the order in which services were first seen. Twelve colours;
 * from the thirteenth on they come again, dashed.
 */
import { signal } from '@preact/signals'

import type { ServiceRow } from '../../model/api.ts'
import { assignLanes } from './assign-lanes.ts'

const COLOURS = 12
const lanes = signal<ReadonlyMap<string, number>>(new Map())

/** What `GET services` answered. */
export function setServices(services: readonly ServiceRow[]): void {
  lanes.value = assignLanes(services, lanes.peek())
}

/** The classes of a service's colour: `lane lane-3`, `lane lane-3 lane-dashed`. */
export function laneClass(service: string): string {
  let lane = lanes.value.get(service)
  if (lane === undefined) {
    lane = lanes.value.size
    lanes.value = new Map(lanes.value).set(service, lane)
  }
  return `lane lane-${lane % COLOURS}${lane >= COLOURS ? ' lane-dashed' : ''}`
}
