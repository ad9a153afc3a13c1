namespace GameStack.Backend;

/// <summary>The ids of this project's log events. An id keeps its meaning, so that a search or an alert on it goes on working.</summary>
internal static class EventIds
{
    public const int Unavailable = 100;
    public const int RepeatingServiceFailed = 101;
    public const int WorksAgain = 102;
    public const int AccessRefused = 103;
    public const int CertificateDistrusted = 104;

    public const int Returned = 110;
    public const int NotRestored = 111;
    public const int NotListed = 112;

    public const int ServesAgain = 121;
    public const int DoesNotServe = 122;
    public const int OthersHold = 123;
    public const int OwnHold = 124;
    public const int EvictsKeys = 125;
    public const int KeepsKeys = 126;

    public const int MatchLogAssigned = 130;
    public const int TryFailed = 131;
    public const int GivenBack = 132;
    public const int ClaimLost = 133;
    public const int LeftToItsLease = 134;
    public const int MatchAssignerFailed = 135;
    public const int HandedOver = 136;

    public const int NotHandedOver = 141;

    public const int EndedByCall = 160;
    public const int ServerExited = 161;
    public const int NotEnded = 162;
    public const int CanBeEnded = 163;
    public const int RecordNotEnded = 164;

    public const int Orphan = 170;
    public const int ServerLost = 171;
    public const int Adopted = 172;
    public const int EndedUnused = 173;
    public const int Doubtful = 174;

    public const int NotServed = 180;
    public const int NotServedEither = 181;

    public const int TicketKeyMissing = 190;
    public const int AnyPlayerMayAsk = 191;
    public const int AuthorityUnavailable = 192;
    public const int AuthorityAnswers = 193;

    public const int OperatorActed = 200;
    public const int WrongOperatorKey = 201;

    public const int NoPostgres = 300;
    public const int Refused = 303;
    public const int StoppedEarly = 304;
    public const int OldRecordsDeleted = 305;
    public const int DroppingRecords = 306;
    public const int DroppedRecords = 307;
    public const int Unreadable = 308;

    public const int Output = 400;
    public const int Error = 401;
    public const int Killed = 402;

    public const int StartBackoffFailed = 410;
    public const int WorkAgain = 411;
    public const int Ready = 412;

    public const int ProcessFleetAssigned = 420;
    public const int Discarded = 421;
    public const int ProcessFleetEnded = 422;
    public const int Draining = 423;

    public const int ProcessFleetWatchEnding = 430;

    public const int KubernetesFleetAssigned = 440;
    public const int Abandoned = 441;
    public const int KubernetesFleetEnded = 442;

    public const int Forbidden = 450;
    public const int ObstacleMet = 451;
    public const int Created = 452;
    public const int NotClaimed = 454;
    public const int NotDeleted = 455;
    public const int KubernetesFleetWatchEnding = 456;
    public const int ObstaclePassed = 457;
    public const int PodReturned = 458;
    public const int PodRepaired = 459;
    public const int PodSilent = 460;
    public const int UnclearPod = 461;
    public const int RouteRepaired = 462;
    public const int NoRoutes = 463;
    public const int LeftPod = 464;
    public const int Replaced = 465;
    public const int CutOff = 466;
}
