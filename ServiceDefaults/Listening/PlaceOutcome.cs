namespace GameStack.ServiceDefaults.Listening;

public enum PlaceOutcome
{
    Taken,

    /// <summary>Every place is taken.</summary>
    Full,

    /// <summary>The address has as many places as one address may have.</summary>
    AddressFull,
}
