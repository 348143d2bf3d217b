#!/usr/bin/env bash
# Kills, pauses and cuts off the containers of a running Compose project while pages come in, and counts what is lost.
#
#   deploy/chaos.sh [--project NAME] [--seconds N] [--seed N]
#
#   --project NAME   the project, as `docker compose ls` calls it (default: depeche)
#   --seconds N      how long faults are done (default: 300)
#   --seed N         chooses their order (default: 2026)
#
# Prints what was accepted, landed, lost and double, how many faults there were, and how long it took from the beginning
# of a fault until a page had landed that was fetched after it. Exits with 1 when a page is lost or double, and with 2
# when it cannot run. At the end, and on Ctrl-C, all containers run and are connected as before.
#
# It plays a site of its own, whose pages stay in the database like any others; nothing else of the project's data is
# changed. The project's fetchers must be allowed to reach the site: start it with the networks of Docker in
# DEPECHE_ALLOW_NETWORKS, such as 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16. Everything that the project does otherwise
# is held up, too; so rather try a project that is there for this. docs/guarantees.md has more.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly services=(fetcher parser indexer tick redis postgres)
readonly hosts=10          # names of the site; each is spared by itself
readonly batch=40 every=5  # pages a batch, seconds between batches
readonly patience=300      # seconds without faults after which what has not landed is lost; also for a command

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; }

die() {
    echo "chaos: $*" >&2
    exit 2
}

number() { [[ $2 =~ ^[0-9]+$ ]] || die "$1 must be a whole number, not '$2'."; }

project=depeche lasts=300 seed=2026
while (($#)); do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --project | --seconds | --seed) (($# > 1)) || die "$1 needs a value; see --help." ;;&
        --project) project=$2 ;;
        --seconds) number "$1" "$2"; lasts=$2 ;;
        --seed) number "$1" "$2"; seed=$2 ;;
        *) die "$1 is no option; see --help." ;;
    esac
    shift 2
done

run=$(date +%s)
readonly cli=$project-chaos-cli-$run site=$project-chaos-site-$run
work=$(mktemp -d)
feeder=
undo=()  # the command that ends the fault that is being done
faults=0 kills=0

main() {
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    for service in "${services[@]}"; do
        [[ $(containers "$service") ]] || die "project $project has no running $service; \`docker compose ls\` names projects."
    done
    open_site
    try_a_page
    feed &
    feeder=$!
    do_faults
    touch "$work/enough"
    wait "$feeder" || die "the pages could not be accepted: $(cat "$work/fetch.log")"
    feeder=
    wait_until_landed
    report
}

# --- the site, and the pages ------------------------------------------------------------------------------------

# Starts a container of the command line, which runs all commands, and the site where the fetchers find it.
open_site() {
    docker compose --project-name "$project" run --detach --no-deps --name "$cli" --entrypoint sleep cli infinity \
        >/dev/null 2>"$work/run.log" || die "the project's command line does not start: $(cat "$work/run.log")"
    local image aliases=() n
    image=$(docker inspect --format '{{.Image}}' "$cli")
    for ((n = 0; n < hosts; n++)); do aliases+=(--network-alias "chaos-$n"); done
    docker run --detach --init --read-only --name "$site" --network "$(network outbound)" "${aliases[@]}" \
        --entrypoint python "$image" -u -c "$(cat tests/compose/site.py)" >/dev/null
}

# Runs a command of `depeche`; one that hangs on a server that is away ends, too.
depeche() { docker exec --interactive "$cli" timeout "$patience" with-secrets python -m cli.main "$@"; }

# The address of the page of this number; no other run has it.
page() { printf 'http://chaos-%d:8000/story/%d%05d\n' $(($1 % hosts)) "$run" "$1"; }

try_a_page() {
    page 0 >"$work/accepted"
    depeche fetch "$(page 0)" --wait --timeout $((patience - 60)) --json </dev/null >"$work/fetch.log" 2>&1 && return
    cat "$work/fetch.log" >&2
    die "the first page did not land. Is the project up, and do its DEPECHE_ALLOW_NETWORKS contain the site, at" \
        "$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$site")?"
}

# Has pages fetched again and again; a batch that was not accepted is sent again until it is.
feed() {
    local next=1 n is_last=
    while [[ ! $is_last ]]; do
        if [[ -e $work/enough ]]; then is_last=yes; fi # so that some pages come after the last fault
        for ((n = next; n < next + batch; n++)); do page "$n"; done >"$work/batch"
        local tries=0
        until depeche fetch --file - <"$work/batch" >"$work/fetch.log" 2>&1; do
            if [[ $is_last ]] && ((++tries > 60)); then return 1; fi
            sleep 1
        done
        cat "$work/batch" >>"$work/accepted"
        next=$((next + batch))
        if [[ ! $is_last ]]; then sleep "$every"; fi
    done
}

# --- the faults -------------------------------------------------------------------------------------------------

do_faults() {
    local ends=$((SECONDS + lasts)) deck=() deal fault
    RANDOM=$seed
    while ((SECONDS < ends)); do
        if ((${#deck[@]} == 0)); then
            deal=$RANDOM # here, since a subshell draws its own numbers
            mapfile -t deck < <(shuffled "$deal")
        fi
        fault=${deck[0]}
        deck=("${deck[@]:1}")
        do_fault "$fault" $((RANDOM % 7 + 2)) "$RANDOM"
        pause_for $((RANDOM % 4 + 1))
    done
}

# Every kind of fault to every service, kills twice, in an order that follows from a seed.
shuffled() {
    local deck=() service kind fault i j
    RANDOM=$1
    for kind in kill kill pause cut; do
        for service in "${services[@]}"; do deck+=("$kind $service"); done
    done
    for ((i = ${#deck[@]} - 1; i > 0; i--)); do
        j=$((RANDOM % (i + 1)))
        fault=${deck[i]} deck[i]=${deck[j]} deck[j]=$fault
    done
    printf '%s\n' "${deck[@]}"
}

# do_fault "KIND SERVICE" SECONDS PICK: does it to one container of the service, and ends it after so many seconds.
do_fault() {
    local kind=${1% *} service=${1#* } those container backend began doing
    mapfile -t those < <(containers "$service")
    container=${those[$(($3 % ${#those[@]}))]}
    backend=$(network backend)
    echo "$1: $container for $2 s"
    case $kind in
        # Docker does not start a container again that was killed in this way, whatever its restart policy says.
        kill) doing=(docker kill "$container") undo=(docker start "$container") ;;
        pause) doing=(docker pause "$container") undo=(docker unpause "$container") ;;
        cut)
            doing=(docker network disconnect "$backend" "$container")
            undo=(docker network connect --alias "$service" "$backend" "$container")
            ;;
    esac
    began=$(date +%s.%N)
    if ! "${doing[@]}" >/dev/null; then # a busy engine cannot always freeze a container
        undo=()
        return
    fi
    printf '%s\t%s\n' "$began" "$1" >>"$work/faults"
    faults=$((faults + 1))
    if [[ $kind == kill ]]; then kills=$((kills + 1)); fi
    pause_for "$2"
    end_fault || die "the fault could not be ended."
}

end_fault() {
    if ((${#undo[@]})); then "${undo[@]}" >/dev/null || return; fi
    undo=()
}

# Sleeps so that a signal is acted on at once.
pause_for() {
    sleep "$1" &
    wait $!
}

# --- the count --------------------------------------------------------------------------------------------------

wait_until_landed() {
    local ends=$((SECONDS + patience)) left
    while ((SECONDS < ends)); do
        left=$(sql 'SELECT count(*) FROM accepted WHERE NOT EXISTS (SELECT FROM own WHERE own.url = accepted.url);') || left=unknown
        if [[ $left == 0 ]]; then return; fi
        pause_for 2
    done
}

# Prints the figures; returns 1 when something is lost or double.
report() {
    local lost double
    lost=$(sql 'SELECT url FROM accepted WHERE NOT EXISTS (SELECT FROM own WHERE own.url = accepted.url) ORDER BY url;')
    double=$(sql "
        SELECT 'flight ' || flight_id || ' has ' || count(*) || ' visits' FROM own GROUP BY flight_id HAVING count(*) > 1
        UNION ALL SELECT url || ' has ' || count(*) || ' articles, version ' || max(version) FROM news.articles
        WHERE url IN (SELECT url FROM accepted) GROUP BY url HAVING count(*) > 1 OR max(version) > 1;")
    awk 'NF { print "lost: " $0 }' <<<"$lost" >&2
    awk 'NF { print "double: " $0 }' <<<"$double" >&2
    echo
    line accepted "$(count <"$work/accepted")"
    line landed "$(sql 'SELECT count(DISTINCT url) FROM own;')"
    line lost "$(count <<<"$lost")"
    line double "$(count <<<"$double")"
    line "neither stored nor unchanged" "$(sql "SELECT count(*) FROM own WHERE fate NOT IN ('stored', 'unchanged');")"
    line "faults, kills among them" "$faults, $kills"
    echo
    echo "recovery, s: kind, faults, median, longest"
    sql "$(recovery "'any fault'") UNION ALL $(recovery kind) ORDER BY 2 DESC, 1;" | column -t -s '|'
    [[ ! $lost && ! $double ]]
}

# The query for how long it took from a fault until a page had landed that was fetched after it, by kind.
recovery() {
    cat <<SQL
SELECT $1, count(*), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY took)::numeric, 1), round(max(took)::numeric, 1)
FROM (
    SELECT kind, extract(epoch FROM min(own.landed_at)) - faults.at AS took
    FROM faults LEFT JOIN own ON own.at >= to_timestamp(faults.at) GROUP BY kind, faults.at
) recovered GROUP BY 1
SQL
}

line() { printf '%-30s %s\n' "$1" "$2"; }

count() { grep -c . || true; }

# Runs a query of the project's owner on the tables accepted (url), faults (at, kind) and own, this run's visits. The
# tables are temporary: they are gone when the query ends.
sql() {
    {
        echo 'CREATE TEMP TABLE accepted (url text); COPY accepted FROM stdin;'
        sort -u "$work/accepted"
        printf '%s\n' '\.' 'CREATE TEMP TABLE faults (at double precision, kind text); COPY faults FROM stdin;'
        cat "$work/faults"
        printf '%s\n' '\.' "CREATE TEMP VIEW own AS SELECT page_url AS url, flight_id, fate, at, landed_at FROM news.visits" \
            "WHERE at >= to_timestamp($run) AND page_url IN (SELECT url FROM accepted);" "$1"
    } | docker exec --interactive "$(containers postgres)" \
        sh -c 'psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -XqAt --set ON_ERROR_STOP=1' || return 2
}

# --- the project ------------------------------------------------------------------------------------------------

# The names of a service's running containers, in order.
containers() {
    docker ps --format '{{.Names}}' --filter "label=com.docker.compose.project=$project" \
        --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False | sort
}

network() {
    docker network ls --format '{{.Name}}' --filter "label=com.docker.compose.project=$project" \
        --filter "label=com.docker.compose.network=$1"
}

clean_up() {
    trap '' INT TERM
    if [[ $feeder ]]; then kill "$feeder" 2>/dev/null || true; fi
    end_fault || echo "chaos: \`docker compose up --detach\` has to put the project right again" >&2
    docker rm --force "$cli" "$site" >/dev/null 2>&1 || true
    rm -rf "$work"
}

touch "$work/faults"
main
