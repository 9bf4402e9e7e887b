//! The frameworks that are recognised, one row each.

/// How a framework is recognised, and how its routes are written. All texts but names, ports and paths are regular expressions;
/// their groups have the names that are told here.
pub(super) struct Framework {
    pub(super) name: &'static str,
    /// The end of a file's path, and what its text holds; one is enough.
    pub(super) marks: &'static [(&'static str, &'static str)],
    /// The ends of the paths of files that hold routes.
    pub(super) files: &'static [&'static str],
    /// Routes that answer GET: `path`; `owner`, what it is declared on; `methods`, a list that must have GET; `not`, which
    /// makes it none.
    pub(super) routes: &'static [&'static str],
    /// The same, of routes that end in a slash that is not written.
    pub(super) folders: &'static [&'static str],
    /// The last one before a route is its owner, where the route names none: `owner`.
    pub(super) owners: &'static [&'static str],
    /// What lies under a path: `path`, and `what`, which names an owner or a file; `owner`, where it is nested.
    pub(super) mounts: &'static [&'static str],
    /// The last one before a route is before its path: `path`.
    pub(super) classes: &'static [&'static str],
    /// Lines that open an indented block whose routes lie under a `path`.
    pub(super) blocks: &'static [&'static str],
    /// Lines that open an indented block whose routes cannot be asked as they are.
    pub(super) closed: &'static [&'static str],
    /// What is before every route: `path`.
    pub(super) globals: &'static [&'static str],
    /// Files whose routes lie under a path.
    pub(super) below: &'static [(&'static str, &'static str)],
    /// Files that are routes by their own path (`path`), and what their text must hold.
    pub(super) pages: &'static [(&'static str, &'static str)],
    /// Folders of which the first that has the mark is the root of those files.
    pub(super) roots: &'static [&'static str],
    /// Whether a route `/` below a path keeps its slash.
    pub(super) slash: bool,
    /// Whether it counts only where nothing else was recognised.
    pub(super) alone: bool,
    /// The port on which it listens when nobody says.
    pub(super) port: u16,
    /// The health routes and version routes that it brings itself.
    pub(super) health: &'static [&'static str],
    pub(super) version: &'static [&'static str],
}

const PLAIN: Framework = Framework {
    name: "",
    marks: &[],
    files: &[],
    routes: &[],
    folders: &[],
    owners: &[],
    mounts: &[],
    classes: &[],
    blocks: &[],
    closed: &[],
    globals: &[],
    below: &[],
    pages: &[],
    roots: &[],
    slash: false,
    alone: false,
    port: 8080,
    health: &[],
    version: &[],
};

const SCRIPTS: &[&str] = &[".js", ".mjs", ".cjs", ".ts", ".mts"];

pub(super) const FRAMEWORKS: &[Framework] = &[
    Framework {
        name: "FastAPI",
        marks: &[(".py", r"(?m)^\s*(?:from|import)\s+fastapi\b")],
        files: &[".py"],
        routes: &[r#"@(?P<owner>\w+)\.get\(\s*["'](?P<path>[^"']*)["']"#],
        mounts: &[
            r#"(?P<what>\w+)(?:\s*:\s*\w+)?\s*=\s*APIRouter\([^)]*?prefix\s*=\s*["'](?P<path>[^"']+)["']"#,
            r#"include_router\(\s*(?P<what>[\w.]+)\s*,[^)]*?prefix\s*=\s*["'](?P<path>[^"']+)["']"#,
        ],
        slash: true,
        port: 8000,
        ..PLAIN
    },
    Framework {
        name: "Flask",
        marks: &[(".py", r"(?m)^\s*(?:from|import)\s+flask\b")],
        files: &[".py"],
        routes: &[
            r#"@(?P<owner>\w+)\.get\(\s*["'](?P<path>[^"']*)["']"#,
            r#"@(?P<owner>\w+)\.route\(\s*["'](?P<path>[^"']*)["'](?P<methods>[^)]*)\)"#,
        ],
        mounts: &[
            r#"(?P<what>\w+)\s*=\s*Blueprint\([^)]*?url_prefix\s*=\s*["'](?P<path>[^"']+)["']"#,
            r#"register_blueprint\(\s*(?P<what>[\w.]+)\s*,[^)]*?url_prefix\s*=\s*["'](?P<path>[^"']+)["']"#,
        ],
        slash: true,
        port: 5000,
        ..PLAIN
    },
    Framework {
        name: "Django",
        marks: &[(".py", r"(?m)^\s*from\s+django\b")],
        files: &["urls.py"],
        routes: &[r#"\bpath\(\s*["'](?P<path>[^"']*)["']\s*,\s*(?P<not>include\b|admin\.site)?"#],
        folders: &[r#"\b(?P<owner>\w+)\.register\(\s*r?["'](?P<path>[\w/-]+)["']"#],
        mounts: &[
            r#"\bpath\(\s*["'](?P<path>[^"']*)["']\s*,\s*include\(\s*\(?\s*["'](?P<what>[^"']+)["']"#,
            r#"\bpath\(\s*["'](?P<path>[^"']*)["']\s*,\s*include\(\s*(?P<what>\w+)\.urls"#,
        ],
        port: 8000,
        health: &["/ht/"],
        ..PLAIN
    },
    Framework {
        name: "NestJS",
        marks: &[("package.json", r#""@nestjs/core"\s*:"#)],
        files: &[".ts"],
        routes: &[r#"@Get\(\s*(?:["'`](?P<path>[^"'`]*)["'`])?\s*\)"#],
        classes: &[r#"@Controller\(\s*(?:(?:\{[^}]*?path:\s*)?["'`](?P<path>[^"'`]*)["'`])?"#],
        globals: &[r#"setGlobalPrefix\(\s*["'`](?P<path>[^"'`]*)["'`]"#],
        port: 3000,
        ..PLAIN
    },
    Framework {
        name: "Next.js",
        marks: &[("package.json", r#""next"\s*:"#)],
        pages: &[
            (
                r"^(?:.*/)?app/(?P<path>.*?)route\.[jt]sx?$",
                r"export\s+(?:async\s+)?(?:function|const)\s+GET\b|export\s*\{[^}]*\bGET\b",
            ),
            (r"^(?:.*/)?pages/(?P<path>api/.+?)(?:/index)?\.[jt]s$", ""),
            (r"^(?:.*/)?app/(?P<path>.*?)page\.(?:[jt]sx?|mdx)$", ""),
            (r"^(?:.*/)?pages/(?P<path>.*?)/?(?:index)?\.[jt]sx$", ""),
        ],
        port: 3000,
        ..PLAIN
    },
    Framework {
        name: "Fastify",
        marks: &[("package.json", r#""fastify"\s*:"#)],
        files: SCRIPTS,
        routes: &[
            r#"\b(?P<owner>fastify|app|server|instance|api|router)\.get(?:<[^>]*>)?\(\s*["'`](?P<path>/[^"'`]*)["'`]"#,
            r#"method:\s*["'`]GET["'`]\s*,\s*url:\s*["'`](?P<path>/[^"'`]*)["'`]"#,
        ],
        mounts: &[r#"\.register\(\s*(?P<what>[^,{]+?)\s*,\s*\{[^}]*?prefix:\s*["'`](?P<path>/[^"'`]*)["'`]"#],
        port: 3000,
        ..PLAIN
    },
    Framework {
        name: "Express",
        marks: &[("package.json", r#""express"\s*:"#)],
        files: SCRIPTS,
        routes: &[
            r#"\b(?P<owner>app|server|api|\w*[Rr]outer|\w*[Rr]outes?)\.get\(\s*["'`](?P<path>/[^"'`]*)["'`]\s*,"#,
        ],
        mounts: &[r#"\.use\(\s*["'`](?P<path>/[^"'`]*)["'`]\s*,\s*(?P<what>[^;\n]+)"#],
        port: 3000,
        ..PLAIN
    },
    Framework {
        name: "Rails",
        marks: &[("Gemfile", r#"(?m)^\s*gem\s+["']rails["']"#)],
        files: &["config/routes.rb"],
        routes: &[
            r#"(?m)^\s*get\s+["'](?P<path>[^"']+)["']"#,
            r"(?m)^\s*resources\s+:(?P<path>\w+)",
            r"(?m)^\s*root\b(?P<path>)",
        ],
        blocks: &[r"^\s*namespace\s+:(?P<path>\w+)", r#"^\s*scope\s+["'](?P<path>[^"']+)["']"#],
        closed: &[r"^\s*resources?\b.*\bdo\b", r"^\s*authenticated?\b"],
        port: 3000,
        health: &["/up"],
        ..PLAIN
    },
    Framework {
        name: "Laravel",
        marks: &[("composer.json", r#""laravel/framework"\s*:"#)],
        files: &["routes/web.php", "routes/api.php"],
        routes: &[
            r#"Route::(?:get|view)\(\s*["'](?P<path>[^"']+)["']"#,
            r#"Route::(?:apiR|r)esource\(\s*["'](?P<path>[\w/-]+)["']"#,
        ],
        blocks: &[r#"^\s*Route::(?:.*->)?prefix\(\s*["'](?P<path>[^"']+)["']\s*\).*->group\("#],
        closed: &[r"^\s*Route::(?:.*->)?middleware\([^)]*\bauth.*->group\("],
        below: &[("routes/api.php", "/api")],
        port: 8000,
        health: &["/up"],
        ..PLAIN
    },
    Framework {
        name: "Spring",
        marks: &[
            ("pom.xml", r"spring-boot"),
            ("build.gradle", r"springframework\.boot"),
            ("build.gradle.kts", r"springframework\.boot"),
        ],
        files: &[".java", ".kt", "application.properties", "application.yml", "application.yaml"],
        routes: &[
            r#"@GetMapping\(\s*(?:(?:value|path)\s*=\s*)?[\{\[]?\s*"(?P<path>[^"]*)""#,
            r"@GetMapping(?P<path>)(?:\(\s*\))?\s",
        ],
        classes: &[
            r#"@RequestMapping\(\s*(?:(?:value|path)\s*=\s*)?[\{\[]?\s*"(?P<path>[^"]*)"[^)]*\)\s*(?:@[\w.]+(?:\([^)]*\))?\s*)*(?:(?:public|final|open|abstract)\s+)*class\b"#,
        ],
        globals: &[r"(?m)^\s*(?:server\.servlet\.)?context-path\s*[=:]\s*(?P<path>/\S*)"],
        port: 8080,
        health: &["/actuator/health"],
        version: &["/actuator/info"],
        ..PLAIN
    },
    Framework {
        name: "axum",
        marks: &[("Cargo.toml", r"(?m)^\s*axum\s*=|\.axum\]")],
        files: &[".rs"],
        routes: &[r#"\.route\(\s*"(?P<path>[^"]+)"\s*,\s*(?:\w+::)*get\("#],
        owners: &[r"\bfn\s+(?P<owner>\w+)"],
        mounts: &[r#"\.nest\(\s*"(?P<path>[^"]+)"\s*,\s*(?P<what>[\w:]+)"#],
        port: 3000,
        ..PLAIN
    },
    Framework {
        name: "Gin",
        marks: &[("go.mod", r"github\.com/gin-gonic/gin\b")],
        files: &[".go"],
        routes: &[r#"\b(?P<owner>\w+)\.GET\(\s*"(?P<path>[^"]*)""#],
        mounts: &[r#"\b(?P<what>\w+)\s*:?=\s*(?P<owner>\w+)\.Group\(\s*"(?P<path>[^"]*)""#],
        slash: true,
        port: 8080,
        ..PLAIN
    },
    Framework {
        name: "static site",
        marks: &[("index.html", "")],
        pages: &[(r"^(?P<path>(?:.*/)?)index\.html$", ""), (r"^(?P<path>.+\.html)$", "")],
        roots: &["", "public/", "dist/", "build/", "site/", "docs/", "www/", "_site/", "static/"],
        alone: true,
        port: 8000,
        ..PLAIN
    },
];
