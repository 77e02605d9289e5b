import Recovery
import Testing

@testable import Environments

/// The words are those that engines and registries have been seen to use.
@Suite struct PullTroubleTests {
    @Test(arguments: [
        ("manifest for 127.0.0.1:5055/x:y not found: manifest unknown: manifest unknown", PullTrouble.Kind.noSuchTag),
        ("manifest unknown", .noSuchTag),
        ("name unknown: repository name not known to registry", .noSuchRepository),
        (
            "failed to resolve reference \"docker.io/library/x:y\": docker.io/library/x:y: not found", .noSuchRepository
        ),
        (
            "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
            .denied
        ),
        ("Head \"https://r.local/v2/x/manifests/1\": no basic auth credentials", .loginNeeded),
        ("Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password", .loginNeeded),
        ("unable to retrieve auth token: invalid username/password: unauthorized: authentication required", .loginNeeded),
        ("Get \"http://127.0.0.1:5055/v2/\": dial tcp 127.0.0.1:5055: connect: connection refused", .unreachable),
        ("Get \"https://r.local/v2/\": dial tcp: lookup r.local on 127.0.0.53:53: no such host", .unreachable),
        ("Get \"https://r.local/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded)", .unreachable),
        ("Get \"https://r.local/v2/\": net/http: TLS handshake timeout", .unreachable),
        ("Get \"https://r.local/v2/\": EOF", .unreachable),
        ("received unexpected HTTP status: 502 Bad Gateway", .unreachable),
        ("Get \"https://r.local:5000/v2/\": http: server gave HTTP response to HTTPS client", .untrusted),
        ("Get \"https://r.local/v2/\": x509: certificate signed by unknown authority", .untrusted),
        ("Get \"https://r.local/v2/\": tls: failed to verify certificate: x509: certificate has expired", .untrusted),
        ("toomanyrequests: You have reached your pull rate limit.", .tooManyRequests),
        ("write /var/lib/docker/tmp/GetImageBlob1: no space left on device", .noSpace),
        ("failed to register layer: Error processing tar file(exit status 1): write /x: no space left on device", .noSpace),
        ("no matching manifest for linux/arm64/v8 in the manifest list entries", .otherArchitecture),
        ("manifest verification failed for digest sha256:123", .digestDiffers),
        ("the daemon is on fire", .other),
    ])
    func theWordsOfEnginesAreUnderstood(words: String, kind: PullTrouble.Kind) {
        #expect(PullTrouble(words).kind == kind)
    }

    @Test func everyKindSaysWhatWhyAndWhatNext() throws {
        let name = try ImageName("r.local/team/x:1")
        for (words, hadLogin, kind, problem, hint) in [
            (
                "manifest unknown", false, Failure.Kind.environmentUnavailable,
                "cannot pull the image r.local/team/x:1: r.local has no '1' of team/x", "check the spelling, and which tags there are"
            ),
            (
                "denied: requested access to the resource is denied", false, .environmentUnavailable,
                "cannot pull the image r.local/team/x:1: r.local does not have team/x, or gives it only to those who log in",
                "check the spelling, or log in as the account that runs lifeboat: docker login r.local"
            ),
            (
                "denied: requested access to the resource is denied", true, .credentials,
                "cannot pull the image r.local/team/x:1: r.local does not give team/x to our login, or does not have it",
                "check the spelling, or log in as the account that runs lifeboat: docker login r.local"
            ),
            (
                "no basic auth credentials", false, .credentials,
                "cannot pull the image r.local/team/x:1: r.local wants a login, and there is none",
                "log in as the account that runs lifeboat: docker login r.local"
            ),
            (
                "unauthorized", true, .credentials, "cannot pull the image r.local/team/x:1: r.local refuses our login",
                "log in as the account that runs lifeboat: docker login r.local"
            ),
            (
                "x509: certificate signed by unknown authority", false, .environmentUnavailable,
                "cannot pull the image r.local/team/x:1: the container engine does not trust r.local",
                "give the engine the registry's authority in /etc/docker/certs.d/r.local/ca.crt, or list it under `insecure-registries`"
            ),
            (
                "what", false, .environmentUnavailable, "cannot pull the image r.local/team/x:1: the container engine refused",
                "pull it by hand and see what it says: docker pull r.local/team/x:1"
            ),
        ] {
            let failure = PullTrouble(words).asFailure(name, hadLogin: hadLogin)
            #expect(failure.kind == kind)
            #expect(failure.problem == problem)
            #expect(failure.hint == hint)
            #expect(failure.causes == [words])
        }
    }
}
