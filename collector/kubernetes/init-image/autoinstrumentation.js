// What the OpenTelemetry Operator makes every Node process of a pod require, in this image: tracelog's preload.
require('@org/tracelog/register')
