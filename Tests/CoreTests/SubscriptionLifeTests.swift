import Core
import Testing

@Suite struct `the life of a subscription` {
    let start = WallTime(millisecondsSince1970: 1_795_000_000_000)
    let threeDays = Duration.seconds(3 * 86_400)

    @Test func `begins with its creation and a look at what was missed`() {
        var life = SubscriptionLife()
        #expect(life.left(at: start) == nil)
        #expect(life.wake(at: start) == [.create])
        #expect(life.wake(at: start) == [.nothing(until: nil)])
        let renewal = start + .seconds(2 * 86_400)
        #expect(life.created(expires: start + threeDays, at: start) == [.readDelta, .nothing(until: renewal)])
        #expect(life.left(at: start) == threeDays)
        #expect(life.wake(at: start) == [.nothing(until: renewal)])
    }

    @Test func `is renewed a day before its end`() {
        var life = active()
        #expect(life.wake(at: start + .seconds(2 * 86_400 - 1)) == [.nothing(until: start + .seconds(2 * 86_400))])
        let day2 = start + .seconds(2 * 86_400)
        #expect(life.wake(at: day2) == [.renew])
        #expect(life.wake(at: day2) == [.nothing(until: nil)])
        let day4 = day2 + .seconds(2 * 86_400)
        #expect(life.renewed(expires: day2 + threeDays, at: day2) == [.nothing(until: day4)])
        #expect(life.wake(at: day4) == [.renew])
    }

    @Test func `is tried hourly when a renewal fails, and calls for help once twelve hours are left`() {
        var life = active()
        var now = start + .seconds(2 * 86_400)
        var tries = 0
        var alerts: [Duration] = []
        while now < start + threeDays - .seconds(4 * 3_600) {
            #expect(life.wake(at: now) == [.renew])
            tries += 1
            var next: WallTime?
            for action in life.failed(at: now) {
                switch action {
                case .alert(let left): alerts.append(left)
                case .nothing(let until): next = until
                case .create, .renew, .readDelta: Issue.record("\(action)")
                }
            }
            guard let next else {
                Issue.record("\(life)")
                return
            }
            #expect(next == now + .seconds(3_600))
            now = next
        }
        #expect(tries == 20)
        #expect(alerts == [.seconds(11 * 3_600)])
    }

    @Test func `calls for help again after a better time`() {
        var life = active()
        let late = start + .seconds(3 * 86_400 - 3_600)
        #expect(life.wake(at: late) == [.renew])
        #expect(life.failed(at: late).first == .alert(left: .seconds(3_600)))
        let later = late + .seconds(900)
        #expect(life.wake(at: later) == [.renew])
        _ = life.renewed(expires: later + threeDays, at: later)
        let nextLate = later + threeDays - .seconds(3_600)
        #expect(life.wake(at: nextLate) == [.renew])
        #expect(life.failed(at: nextLate).first == .alert(left: .seconds(3_600)))
    }

    @Test func `is renewed past its end too, as only the vendor knows whether it is gone`() {
        var life = active()
        let after = start + threeDays + .seconds(5)
        #expect(life.wake(at: after) == [.renew])
        #expect(life.left(at: after) == .zero)
        #expect(life.failed(at: after) == [.alert(left: .zero), .nothing(until: after + .seconds(60))])
        #expect(life.wake(at: after + .seconds(60)) == [.renew])
        #expect(life.gone() == [.create])
        let renewal = after + .seconds(2 * 86_400)
        #expect(life.created(expires: after + threeDays, at: after) == [.readDelta, .nothing(until: renewal)])
    }

    @Test func `is created again when it is gone, and only once`() {
        var life = active()
        #expect(life.gone() == [.create])
        #expect(life.gone() == [.nothing(until: nil)])
        #expect(life.left(at: start) == nil)
    }

    @Test func `is created with growing pauses, and calls for help after ten minutes without one`() {
        var life = SubscriptionLife()
        var now = start
        var waits: [Duration] = []
        var alertedAfter: [Duration] = []
        for _ in 0..<9 {
            #expect(life.wake(at: now) == [.create])
            for action in life.failed(at: now) {
                switch action {
                case .alert(let left):
                    #expect(left == .zero)
                    alertedAfter.append(now - start)
                case .nothing(let until?):
                    waits.append(until - now)
                default: Issue.record("\(action)")
                }
            }
            #expect(life.wake(at: now + .seconds(59)).first != .create)
            now = now + (waits.last ?? .zero)
        }
        #expect(waits == [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600].map { .seconds($0) })
        #expect(alertedAfter == [.seconds(900)])
    }

    @Test func `goes on with one from before`() {
        var life = SubscriptionLife()
        let expires = start + .seconds(86_400 + 100)
        life.found(expires: expires)
        #expect(life.wake(at: start) == [.nothing(until: start + .seconds(100))])
    }

    /// Who looks whether it is there, and then what is to be done, must not take the one for the other.
    @Test func `is renewed on its last day, however often it is looked for`() {
        var life = active()
        let lastDay = start + threeDays - .seconds(3_600)
        for _ in 0..<3 { life.found(expires: start + threeDays) }
        #expect(life.wake(at: lastDay) == [.renew])
        var late = SubscriptionLife()
        late.found(expires: start + .seconds(3_600))
        #expect(late.wake(at: start) == [.renew])
    }

    @Test func `keeps trying to renew, whatever it looks like in a list meanwhile`() {
        var life = active()
        let day2 = start + .seconds(2 * 86_400)
        _ = life.wake(at: day2)
        life.found(expires: start + threeDays)
        #expect(life.wake(at: day2) == [.nothing(until: nil)])
        _ = life.failed(at: day2)
        life.found(expires: start + threeDays)
        #expect(life.wake(at: day2) == [.nothing(until: day2 + .seconds(3_600))])
    }

    @Test(arguments: [Duration.seconds(3_600), .seconds(1), .zero, .seconds(-100)])
    func `is not renewed without a pause where it is short`(lifetime: Duration) {
        var life = SubscriptionLife()
        _ = life.wake(at: start)
        guard case .nothing(let until?) = life.created(expires: start + lifetime, at: start).last else {
            Issue.record("\(life)")
            return
        }
        #expect(until >= start + .seconds(60))
        #expect(until <= start + max(.seconds(60), lifetime / 2))
        #expect(life.wake(at: until) == [.renew])
    }

    @Test func `is not troubled by news of a try that is over`() {
        var life = active()
        #expect(life.failed(at: start) == [.nothing(until: start + .seconds(2 * 86_400))])
    }

    private func active() -> SubscriptionLife {
        var life = SubscriptionLife()
        _ = life.wake(at: start)
        _ = life.created(expires: start + threeDays, at: start)
        return life
    }
}
