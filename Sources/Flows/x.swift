package enum FlowsPlaceholder {}
