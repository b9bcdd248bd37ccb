"""The guard: Great Expectations suites that a batch passes before the warehouse; one per entity, in `suites/`."""
