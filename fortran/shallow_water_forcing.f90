! Wind and given elevations of the shallow-water model: are they usable, and what are they at a time?
module shallow_water_forcing
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use sw_status
  use shallow_water_types
  implicit none
  private
  public :: forcing_status, wind_stress, given_elevation

contains

  ! What is wrong with a forcing, sw_ok if nothing.
  pure subroutine forcing_status(p, wet, f, i_bad, j_bad, status)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in) :: wet(0:p%nx+1,0:p%ny+1)  ! 1 in wet cells, else 0
    type(sw_forcing), intent(in) :: f
    integer, intent(out) :: i_bad, j_bad            ! cell of the boundary that is wrong, 0 if it is not one
    integer, intent(out) :: status
    logical, allocatable :: seen(:,:)
    integer :: k, cells

    i_bad = 0
    j_bad = 0
    status = sw_bad_boundary_values
    if (.not. finite(f%start_time)) return
    status = sw_bad_wind
    if (associated(f%wind_time)) then
      if (.not. (associated(f%wind_x) .and. associated(f%wind_y))) return
      if (.not. increasing(f%wind_time)) return
      if (any(shape(f%wind_x) /= shape(f%wind_y)) .or. size(f%wind_x, 3) /= size(f%wind_time)) return
      if (any([size(f%wind_x, 1), size(f%wind_x, 2)] /= [p%nx, p%ny]) .and. size(f%wind_x(:,:,1)) /= 1) return
      if (.not. (all(finite(f%wind_x)) .and. all(finite(f%wind_y)))) return
    end if

    status = sw_ok
    if (.not. associated(f%boundary_i)) return
    status = sw_bad_boundary_values
    cells = size(f%boundary_i)
    if (.not. associated(f%boundary_j)) return
    if (size(f%boundary_j) /= cells) return
    if (.not. (associated(f%frequency) .or. associated(f%boundary_time))) return
    if (associated(f%frequency)) then
      if (.not. (associated(f%amplitude) .and. associated(f%phase))) return
      if (any(shape(f%amplitude) /= [cells, size(f%frequency)]) .or. any(shape(f%phase) /= shape(f%amplitude))) return
      if (.not. all(finite(f%frequency))) return
    end if
    if (associated(f%boundary_time)) then
      if (.not. associated(f%boundary_zeta)) return
      if (any(shape(f%boundary_zeta) /= [cells, size(f%boundary_time)])) return
      if (.not. increasing(f%boundary_time)) return
    end if

    allocate (seen(p%nx,p%ny), source=.false.)
    do k = 1, cells
      i_bad = f%boundary_i(k)
      j_bad = f%boundary_j(k)
      status = sw_bad_boundary
      if (i_bad < 1 .or. i_bad > p%nx .or. j_bad < 1 .or. j_bad > p%ny) return
      if (.not. wet(i_bad,j_bad) > 0 .or. seen(i_bad,j_bad)) return
      seen(i_bad,j_bad) = .true.
      status = sw_bad_boundary_values
      if (associated(f%frequency)) then
        if (.not. (all(finite(f%amplitude(k,:))) .and. all(finite(f%phase(k,:))))) return
      end if
      if (associated(f%boundary_time)) then
        if (.not. all(finite(f%boundary_zeta(k,:)))) return
      end if
    end do
    i_bad = 0
    j_bad = 0
    status = sw_ok
  end subroutine forcing_status

  ! Wind stress over density on the faces of the grid for a step from one time to another, the mean of both weighted
  ! by wimp: what the step's other terms do.
  pure subroutine wind_stress(p, f, old_time, new_time, xu, xv)
    type(sw_parameters), intent(in) :: p
    type(sw_forcing), intent(in)    :: f                              ! with wind
    real(dp), intent(in)            :: old_time, new_time             ! s
    real(dp), intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: xu, xv   ! out: on east and north faces, m2/s2
    real(dp) :: weights(4)
    integer  :: times(4), i, j, k, ie, jn

    call bracket(f%wind_time, old_time, times(1:2), weights(1:2))
    call bracket(f%wind_time, new_time, times(3:4), weights(3:4))
    weights(1:2) = (1 - p%wimp)/p%density*weights(1:2)
    weights(3:4) = p%wimp/p%density*weights(3:4)
    xu = 0
    xv = 0
    if (size(f%wind_x, 1) == p%nx .and. size(f%wind_x, 2) == p%ny) then
      do k = 1, 4
        do j = 1, p%ny
          jn = merge(j + 1, 1, j < p%ny)
          do i = 1, p%nx
            ie = merge(i + 1, 1, i < p%nx)
            xu(i,j) = xu(i,j) + weights(k)*0.5_dp*(f%wind_x(i,j,times(k)) + f%wind_x(ie,j,times(k)))
            xv(i,j) = xv(i,j) + weights(k)*0.5_dp*(f%wind_y(i,j,times(k)) + f%wind_y(i,jn,times(k)))
          end do
        end do
      end do
    else
      xu(1:p%nx,1:p%ny) = sum(weights*f%wind_x(1,1,times))
      xv(1:p%nx,1:p%ny) = sum(weights*f%wind_y(1,1,times))
    end if
  end subroutine wind_stress

  ! Elevation of every open boundary cell at a time, m.
  subroutine given_elevation(f, time, zeta)
    type(sw_forcing), intent(in) :: f         ! with an open boundary
    real(dp), intent(in)  :: time             ! s
    real(dp), intent(out) :: zeta(:)          ! one for each cell
    real(dp) :: weights(2)
    integer  :: times(2), k, c

    zeta = 0
    if (associated(f%boundary_time)) then
      call bracket(f%boundary_time, time, times, weights)
      do k = 1, 2
        do c = 1, size(zeta)
          zeta(c) = zeta(c) + weights(k)*f%boundary_zeta(c,times(k))
        end do
      end do
    end if
    if (associated(f%frequency)) then
      do k = 1, size(f%frequency)
        do c = 1, size(zeta)
          zeta(c) = zeta(c) + f%amplitude(c,k)*cosine(f%frequency(k)*time - f%phase(c,k))
        end do
      end do
    end if
  end subroutine given_elevation

  ! The two given times around a time, and their weights; the first or last alone outside the given ones.
  pure subroutine bracket(given, time, times, weights)
    real(dp), intent(in)  :: given(:), time
    integer, intent(out)  :: times(2)
    real(dp), intent(out) :: weights(2)
    integer :: low, high, middle

    low = 1
    high = size(given)
    if (time <= given(low)) high = low
    if (time >= given(high)) low = high
    do while (high - low > 1)
      middle = (low + high)/2
      if (given(middle) <= time) then
        low = middle
      else
        high = middle
      end if
    end do
    times = [low, high]
    weights = [1.0_dp, 0.0_dp]
    if (high > low) weights(2) = (time - given(low))/(given(high) - given(low))
    weights(1) = 1 - weights(2)
  end subroutine bracket

  ! cos, kept out of vectorised loops: there compilers may take another routine, with other last bits.
  function cosine(x)
    real(dp), intent(in) :: x
    real(dp) :: cosine
    real(dp), volatile :: alone

    alone = x
    cosine = cos(alone)
  end function cosine

  pure logical function increasing(times)
    real(dp), intent(in) :: times(:)
    increasing = size(times) > 0
    if (increasing) increasing = all(finite(times)) .and. all(times(2:) > times(:size(times)-1))
  end function increasing

end module shallow_water_forcing
