// Package live carries signals between replicas, over NATS: embedded in the
// process by default, or a cluster by address.
//
// What may be lost and what never: a signal may be lost. Publish puts it into a
// bounded queue and drops it when the queue is full; NATS drops it for a
// subscriber that does not keep up, and while a replica has no connection. None
// of this loses an event, since events are in the store: whenever the bus knows
// or suspects that something was dropped, it calls everybody on every replica
// to compare what they hold with the store (OnResync). Deltas that are lost stay
// lost; the finished event stands in for them.
package live
