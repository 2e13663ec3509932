import Core
import Testing

@Suite struct `a metrics page` {
    @Test func `escapes what a label may hold`() {
        var page = MetricsText()
        page.sample("x", [("a", "q\"b\\c\nd")], 1)
        #expect(page.text == "ml_connector_x{a=\"q\\\"b\\\\c\\nd\"} 1\n")
    }

    @Test func `counts a histogram cumulatively`() {
        var histogram = Histogram(bounds: [1, 2])
        for value in [0.5, 1, 1.5, 9] { histogram.observe(value) }
        var page = MetricsText()
        page.histogram("t", "T.", histogram)
        #expect(
            page.text == """
                # HELP ml_connector_t T.
                # TYPE ml_connector_t histogram
                ml_connector_t_bucket{le="1.0"} 2
                ml_connector_t_bucket{le="2.0"} 3
                ml_connector_t_bucket{le="+Inf"} 4
                ml_connector_t_sum 12.0
                ml_connector_t_count 4

                """
        )
    }
}
