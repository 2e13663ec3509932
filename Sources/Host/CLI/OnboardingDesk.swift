import CPosix
import Core
import Engine
import Flows
import Glibc
import Store
import Transport

/// Lets a connection that is not there yet ask both systems. What it takes of an account's limits is kept nowhere: it is
/// little, and the tenant's store may not be there, or not ours to open.
@OnLoop struct OnboardingDesk {
    private static let patience = Duration.seconds(300)

    init() {
        // It holds secrets: no dump of its memory, and no other process of its user gets into it.
        _ = ml_no_core_files()
        _ = ml_not_dumpable()
    }

    func visit<Answer>(
        _ draft: InterviewDraft,
        _ question: @OnLoop (Onboarding) async throws -> Answer
    ) async throws -> Answer {
        let file = try ConnectionFile(text: draft.document.text())
        var secrets = draft.typed
        for (place, reference) in file.secrets where secrets[place] == nil {
            do {
                secrets[place] = try reference.read(for: place)
            } catch {
                throw CallError(.stopConnection, "ml-connector", .configuration, "\(place): \(error)")
            }
        }
        return try await visit(file, secrets: secrets, question)
    }

    func visit<Answer>(
        _ file: ConnectionFile,
        secrets: [String: Secret],
        _ question: @OnLoop (Onboarding) async throws -> Answer
    ) async throws -> Answer {
        let watch = EpollLoop.process.after(Self.patience) {
            Terminal.complain("given up: the other systems did not answer within \(readable(Self.patience))")
            exit(ExitCode.failed.rawValue)
        }
        defer { watch.cancel() }
        let place = try TemporaryFolder()
        let store: SQLiteTenantStore
        do {
            store = try await SQLiteTenantStore.open(place.path + "/store.db")
        } catch {
            place.remove()
            throw error
        }
        // It stays open without a name, so that whatever ends this leaves nothing behind.
        place.remove()
        let context = FlowContext(
            log: Log(role: "command"),
            store: store,
            connection: 0,
            tenant: file.tenant.text,
            name: file.name.text,
            secrets: secrets
        )
        do {
            let answer = try await question(Onboarding(file.flow, file.document, in: context))
            await store.close()
            return answer
        } catch {
            await store.close()
            throw error
        }
    }
}
