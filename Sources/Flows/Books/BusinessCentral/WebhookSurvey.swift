import Core
import Systems
import Transport

/// Knows which entity sets an environment tells of, for all who would subscribe to one.
@OnLoop final class WebhookSurvey {
    private let client: BusinessCentral.Client
    private let holds: Duration
    private var answer: (supported: Set<String>?, at: Instant)?

    init(_ client: BusinessCentral.Client, every holds: Duration) {
        self.client = client
        self.holds = holds
    }

    /// Where the environment does not say, the vendor's published list does; of an extension's own, one has to try.
    func supports(_ entitySet: String) async throws -> Bool {
        if let supported = try await supported() { return supported.contains(entitySet) }
        switch client.settings.route {
        case .standard: return BusinessCentral.Entity.named(entitySet)?.hasWebhooks ?? false
        case .custom: return true
        }
    }

    private func supported() async throws -> Set<String>? {
        if let answer, .now - answer.at < holds { return answer.supported }
        let supported = try await client.webhookSupportedResources()
        answer = (supported, .now)
        return supported
    }
}
