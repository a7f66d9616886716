use std::collections::BTreeMap;

use crate::{EgressSpec, PROXY_PORT};

/// What is reached without the proxy: the step's own loopback.
const NO_PROXY: &str = "localhost,127.0.0.1,::1";

/// The environment that makes a step's programs use the proxy. Programs that look at none of it are
/// still seen by the transparent listeners; what they lose is a readable answer when they are denied.
///
/// | variable | read by |
/// |---|---|
/// | `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`, in both cases | curl and libcurl (cargo, git), pip, Go, Ruby, wget, apt, .NET; curl takes `http_proxy` in lower case only (<https://curl.se/docs/manpage.html#ENVIRONMENT>) |
/// | `npm_config_…` | npm and pnpm, before a `proxy` of the machine's npmrc (<https://docs.npmjs.com/cli/using-npm/config>) |
/// | `YARN_HTTP_PROXY`, `YARN_HTTPS_PROXY` | Yarn 2 and later, which takes no other (<https://yarnpkg.com/configuration/yarnrc#httpProxy>). It knows no exceptions and ends with an error at `YARN_NO_PROXY` |
/// | `NODE_USE_ENV_PROXY` | Node's own `fetch` and `http`, from versions 22.21 and 24.5 (<https://nodejs.org/api/cli.html>) |
/// | `GIT_CONFIG_…` | git, before an `http.proxy` of the machine (<https://git-scm.com/docs/git-config>) |
/// | `JAVA_TOOL_OPTIONS` | every Java machine, Gradle's daemon included (<https://docs.gradle.org/current/userguide/networking.html>) |
/// | `MAVEN_OPTS` | Maven, whose transport looks at these properties only when told to (<https://maven.apache.org/resolver/configuration.html>) |
///
/// Nothing is set for a specification without rules: every connection fails alike, and soonest
/// where no proxy is asked.
pub fn step_environment(spec: &EgressSpec) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::new();
    if spec.rules.is_empty() {
        return environment;
    }
    let proxy = format!("http://127.0.0.1:{PROXY_PORT}");
    let mut set = |name: &str, value: &str| {
        environment.insert(name.to_owned(), value.to_owned());
    };
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        set(name, &proxy);
        set(&name.to_ascii_uppercase(), &proxy);
    }
    set("no_proxy", NO_PROXY);
    set("NO_PROXY", NO_PROXY);
    set("npm_config_proxy", &proxy);
    set("npm_config_https_proxy", &proxy);
    set("npm_config_noproxy", NO_PROXY);
    set("YARN_HTTP_PROXY", &proxy);
    set("YARN_HTTPS_PROXY", &proxy);
    set("NODE_USE_ENV_PROXY", "1");
    set("GIT_CONFIG_COUNT", "1");
    set("GIT_CONFIG_KEY_0", "http.proxy");
    set("GIT_CONFIG_VALUE_0", &proxy);
    let java = format!(
        "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort={PROXY_PORT} \
         -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort={PROXY_PORT} \
         -Dhttp.nonProxyHosts=localhost|127.*|[::1]"
    );
    set("JAVA_TOOL_OPTIONS", &java);
    set(
        "MAVEN_OPTS",
        "-Daether.connector.http.useSystemProperties=true \
         -Daether.transport.apache.useSystemProperties=true",
    );
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_is_told_of_the_same_proxy() {
        let spec = EgressSpec::new(["registry.npmjs.org".parse().unwrap()]);
        let environment = step_environment(&spec);
        for name in [
            "http_proxy",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "npm_config_https_proxy",
            "GIT_CONFIG_VALUE_0",
        ] {
            assert_eq!(environment[name], "http://127.0.0.1:3128", "{name}");
        }
        assert!(environment["JAVA_TOOL_OPTIONS"].contains("-Dhttps.proxyPort=3128"));
        assert!(!environment.contains_key("YARN_NO_PROXY"));
        assert_eq!(step_environment(&EgressSpec::default()), BTreeMap::new());
    }

    #[test]
    fn no_secret_reaches_the_step() {
        let mut spec = EgressSpec::new(["http://m.example".parse().unwrap()]);
        let upstream = crate::UpstreamProxy::parse("http://me:geheim@proxy:3128", "").unwrap();
        spec.upstream = Some(upstream);
        let secret = penstock_model::Secret::new(*b"geheim");
        spec.credentials
            .push(crate::Credential::new("http://m.example/", "authorization", secret).unwrap());
        let shown = format!("{:?}", step_environment(&spec));
        assert!(!shown.contains("geheim") && !shown.contains("proxy:3128"), "{shown}");
    }
}
